import type { SentencePair } from "../data/sentence-pair.ts";
import { type LinearMap, pairDiscriminant } from "../geometry/pair-discriminant.ts";
import { band, resampleCounts, resampledMeans } from "../geometry/resample.ts";
import { cosineMatrix, retrieval } from "../geometry/retrieval.ts";
import { anisotropy } from "../geometry/spread.ts";
import type { Model } from "../models/model.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { permutation } from "../stats/random.ts";
import { type Dtype, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type SentenceStates, sentenceStates } from "./sentence-states.ts";
import type { LensProgress } from "./state-lens.ts";

export interface ChooseOptions {
  layers: readonly number[];
  poolings: readonly Pooling[];
  batchTokens: number;
  compute: Dtype;
  draws: number;
  seed: number;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
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

/** A place for the contrastive objective. */
export interface Place {
  layer: number;
  pooling: Pooling;
}

interface Features {
  left: SentenceStates;
  right: SentenceStates;
  held: { pivot: SentenceStates; translations: SentenceStates }[];
  close(): void;
}

/** Whether each held-out sentence finds its translation, mean of both directions, after a map or as it is: [languages][N] */
function found(features: Features, { layer, pooling }: Place, map?: LinearMap): Float64Array[] {
  const mapped = (states: SentenceStates) => (map ? map.apply(states.of(layer, pooling)) : states.of(layer, pooling));
  return features.held.map(({ pivot, translations }) =>
    scope(() => {
      const { forward, backward } = retrieval(cosineMatrix(mapped(pivot), mapped(translations)));
      return Float64Array.from(forward, (yes, i) => (Number(yes) + Number(backward[i])) / 2);
    }),
  );
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function shuffledRows(x: Tensor, seed: number): Tensor {
  return ops.indexSelect(x, 0, tensor(permutation(x.size(0), seed), { dtype: "int64" }));
}

/** The evidence for one place. `counts` are the bootstrap's. */
function placeRows(
  features: Features,
  place: Place,
  seen: readonly boolean[],
  counts: Tensor,
  seed: number,
): LensRow[] {
  return scope(() => {
    const { layer, pooling } = place;
    const [x, y] = [features.left.of(layer, pooling), features.right.of(layer, pooling)];
    const [map, control] = [pairDiscriminant(x, y), pairDiscriminant(x, shuffledRows(y, seed))];
    const [frozen, aligned, random] = [
      found(features, place),
      found(features, place, map),
      found(features, place, control),
    ];
    map.dispose();
    control.dispose();
    const n = frozen[0]!.length;
    const bySentence = (lists: readonly Float64Array[]) =>
      Float64Array.from({ length: n }, (_, i) => mean(lists.map((list) => list[i]!)));
    const row = (metric: string, lists: readonly Float64Array[]): LensRow[] => {
      if (lists.length === 0) return [];
      const values = bySentence(lists);
      const draws = resampledMeans(tensor(values, { shape: [1, n], dtype: "float64" }), counts)[0]!;
      return [{ ...place, metric, value: mean(values), ...band(draws), n }];
    };
    const [aligned_p1] = row("aligned_p1", aligned);
    const pivot = features.held[0]!.pivot.of(layer, pooling);
    return [
      ...row("frozen_p1", frozen),
      { ...aligned_p1!, shuffled: mean(bySentence(random)) },
      ...row(
        "aligned_p1_seen",
        aligned.filter((_, l) => seen[l]),
      ),
      ...row(
        "aligned_p1_unseen",
        aligned.filter((_, l) => !seen[l]),
      ),
      { ...place, metric: "anisotropy", value: anisotropy(cosineMatrix(pivot, pivot)), n },
    ];
  });
}

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
  const { layers, poolings, draws, seed } = options;
  const features = await readFeatures(model, tokenizer, { pairs, held }, options);
  const trained = new Set(pairs.flatMap(({ languages }) => languages));
  const seen = [...held.keys()].map((code) => trained.has(code));
  const counts = resampleCounts(features.held[0]!.pivot.count, draws, seed);
  const bar = options.progress?.("places");
  const rows: LensRow[] = [];
  const places = layers.flatMap((layer) => poolings.map((pooling) => ({ layer, pooling })));
  for (const [i, place] of places.entries()) {
    rows.push(...placeRows(features, place, seen, counts, seed));
    bar?.update(i + 1, places.length);
    options.signal?.throwIfAborted();
  }
  bar?.finish();
  counts.dispose();
  features.close();
  const ranked = rankedPlaces(rows);
  return [...rows, ...ranked.map((place, i) => ({ ...place, metric: "rank", value: i + 1 }))];
}

async function readFeatures(
  model: Model,
  tokenizer: Tokenizer,
  { pairs, held }: ChooseTexts,
  options: ChooseOptions,
): Promise<Features> {
  const { progress, signal, ...reading } = options;
  const read = async (label: string, texts: readonly string[]) => {
    const bar = progress?.(`states ${label}`);
    const states = await sentenceStates(model, tokenizer, texts, { ...reading, ...(bar && { progress: bar.update }) });
    bar?.finish();
    signal?.throwIfAborted();
    return states;
  };
  const left = await read(
    "pairs, left",
    pairs.map(({ a }) => a),
  );
  const right = await read(
    "pairs, right",
    pairs.map(({ b }) => b),
  );
  const pivots = new Map<readonly string[], SentenceStates>(); // languages may share their pivot's sentences
  const translated: Features["held"] = [];
  for (const [code, { pivot, translations }] of held) {
    if (!pivots.has(pivot)) pivots.set(pivot, await read(`pivot of ${code}`, pivot));
    translated.push({ pivot: pivots.get(pivot)!, translations: await read(code, translations) });
  }
  const all = [left, right, ...pivots.values(), ...translated.map(({ translations }) => translations)];
  return {
    left,
    right,
    held: translated,
    close: () => {
      for (const states of all) states.close();
    },
  };
}

/** The places from best to worst by `aligned_p1`; of equals the lower layer, which costs less. */
export function rankedPlaces(rows: readonly LensRow[]): Place[] {
  return rows
    .filter(({ metric }) => metric === "aligned_p1")
    .toSorted((a, b) => b.value - a.value || a.layer - b.layer)
    .map(({ layer, pooling }) => ({ layer, pooling: pooling as Pooling }));
}
