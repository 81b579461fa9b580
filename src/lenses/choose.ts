import type { SentencePair } from "../data/sentence-pair.ts";
import type { Model } from "../models/model.ts";
import type { LensRow } from "../run/records.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type PlaceOptions, placesRows, type StatesAt } from "./places.ts";
import { type SentenceStates, sentenceStates } from "./sentence-states.ts";

export interface ChooseOptions extends PlaceOptions {
  batchTokens: number;
  compute: Dtype;
}

/** Sentences of the pivot and their translations into one language. */
export interface HeldPairs {
  pivot: readonly string[];
  translations: readonly string[];
}

export interface ChooseTexts {
  /** to fit on: what training would use */
  pairs: readonly SentencePair[];
  /** to test on, equally many per language; languages without pairs show what carries over */
  held: ReadonlyMap<string, HeldPairs>;
}

const at =
  (states: SentenceStates): StatesAt =>
  ({ layer, pooling }) =>
    states.of(layer, pooling);

/**
 * The evidence for where to put the contrastive objective, from frozen states: for every layer and pooling how often held-out sentences
 * find their translations as the model is (`frozen_p1`), and after the linear map that `pairDiscriminant` fits to the training pairs
 * (`aligned_p1`, beside which `shuffled` was fitted to shuffled pairs); `rank` orders the places by it.
 */
export async function chooseRows(
  model: Model,
  tokenizer: Tokenizer,
  { pairs, held }: ChooseTexts,
  options: ChooseOptions,
): Promise<LensRow[]> {
  const { progress, signal, layers, poolings, batchTokens, compute } = options;
  const opened: SentenceStates[] = [];
  const read = async (label: string, texts: readonly string[]) => {
    const bar = progress?.(`states ${label}`);
    const reading = { layers, poolings, batchTokens, compute, ...(bar && { progress: bar.update }) };
    opened.push(await sentenceStates(model, tokenizer, texts, reading));
    bar?.finish();
    signal?.throwIfAborted();
    return at(opened.at(-1)!);
  };
  const left = await read(
    "pairs, left",
    pairs.map(({ a }) => a),
  );
  const right = await read(
    "pairs, right",
    pairs.map(({ b }) => b),
  );
  const trained = new Set(pairs.flatMap(({ languages }) => languages));
  const pivots = new Map<readonly string[], StatesAt>(); // languages may share their pivot's sentences
  const tested: { pivot: StatesAt; translations: StatesAt; seen: boolean }[] = [];
  for (const [code, { pivot, translations }] of held) {
    if (!pivots.has(pivot)) pivots.set(pivot, await read(`pivot of ${code}`, pivot));
    tested.push({ pivot: pivots.get(pivot)!, translations: await read(code, translations), seen: trained.has(code) });
  }
  const rows = placesRows({ left, right, held: tested }, options);
  for (const states of opened) states.close();
  return rows;
}
