import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import { hiddenStates, type Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import type { Pooling } from "../nn/index.ts";
import { autocast, type Dtype, noGrad, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { pooler } from "./pooled.ts";
import { vectorStore } from "./vector-store.ts";

export interface StatesOptions {
  /** layers as Hugging Face numbers them: 0 = embedding output, L = after the final norm */
  layers: readonly number[];
  poolings: readonly Pooling[];
  /** padded tokens per batch */
  batchTokens: number;
  compute?: Dtype;
  progress?: (done: number, total: number) => void;
}

/** One vector per sentence, layer and pooling. */
export interface SentenceStates {
  readonly count: number;
  /** [N D], in input order; some rows where asked */
  of(layer: number, pooling: Pooling, start?: number, count?: number): Tensor;
  /** sentences that were cut to the longest row that the model takes */
  readonly cut: number;
  /** Frees what they hold. */
  close(): void;
}

/** Pools every sentence's states in one pass over the model; the blocks above the highest layer are not run. */
export async function sentenceStates(
  model: Model,
  tokenizer: Tokenizer,
  sentences: readonly string[],
  options: StatesOptions,
): Promise<SentenceStates> {
  const { layers, poolings, compute = "float32" } = options;
  const { maximumLength, width, padId = 0 } = model.config;
  const encoded = await tokenizer.encodeBatch(sentences);
  const rows = encoded.map(({ ids }) => Int32Array.from(ids.slice(0, maximumLength)));
  const empty = rows.findIndex((row) => row.length === 0);
  if (empty >= 0) throw new Error(`sentence ${empty}: it has no tokens, so it has no state.`);
  const store = vectorStore(layers.length * poolings.length, rows.length, width);
  let done = 0;
  for (const chosen of longestFirst(
    rows.map((row) => row.length),
    options.batchTokens,
  )) {
    const batch = padRows(
      chosen.map((row) => rows[row]!),
      padId,
    );
    const run = () => {
      const gather = pooler(batch.lengths, batch.columns, poolings, model.device);
      for (const [layer, h] of hiddenStates(model, rightPadded(model, batch), layers)) {
        const first = layers.indexOf(layer) * poolings.length;
        gather(h, (row, pooling, vector) => store.write(first + pooling, chosen[row]!, vector));
      }
    };
    noGrad(() => scope(() => autocast(model.device, compute, run)));
    done += chosen.length;
    options.progress?.(done, sentences.length);
    await nextTurn();
  }
  return {
    count: rows.length,
    cut: encoded.filter(({ ids }) => ids.length > maximumLength).length,
    of(layer, pooling, start = 0, count = rows.length - start) {
      const [l, p] = [layers.indexOf(layer), poolings.indexOf(pooling)];
      if (l < 0 || p < 0) throw new Error(`no states of layer ${layer} with ${pooling} pooling were asked for.`);
      return tensor(store.read(l * poolings.length + p, start, count), { shape: [count, width] });
    },
    close: store.close,
  };
}
