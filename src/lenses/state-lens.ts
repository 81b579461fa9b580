import type { Model } from "../models/model.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type SentenceStates, sentenceStates } from "./sentence-states.ts";

/** A lens on sentence states, which sees one language after the other. */
export interface StateLens {
  /** Takes a language's states, which are freed afterwards; parallel sentences are at the same place in every language. */
  add(code: string, states: SentenceStates): void;
  /** The rows of everything that was added. */
  rows(): LensRow[];
  /** Frees what it kept. */
  close(): void;
}

/** Tells how far long work has come. */
export interface LensProgress {
  update(done: number, total: number): void;
  finish(): void;
}

export interface ReadOptions {
  layers: readonly number[];
  poolings: readonly Pooling[];
  batchTokens: number;
  compute: Dtype;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
}

/** All layers of a model as Hugging Face numbers them. */
export const allLayers = (model: Model): number[] =>
  Array.from({ length: model.config.layers + 1 }, (_, layer) => layer);

/** Reads every language once and shows its states to all lenses. Returns how many sentences were cut to the model's length. */
export async function readStates(
  model: Model,
  tokenizer: Tokenizer,
  texts: ReadonlyMap<string, readonly string[]>,
  lenses: readonly StateLens[],
  options: ReadOptions,
): Promise<number> {
  const { progress, signal, ...reading } = options;
  let cut = 0;
  for (const [code, sentences] of texts) {
    const bar = progress?.(`states ${code}`);
    const states = await sentenceStates(model, tokenizer, sentences, {
      ...reading,
      ...(bar && { progress: bar.update }),
    });
    bar?.finish();
    for (const lens of lenses) {
      lens.add(code, states);
      signal?.throwIfAborted();
    }
    cut += states.cut;
    states.close();
  }
  return cut;
}
