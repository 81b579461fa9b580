import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import type { Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { pool } from "../nn/index.ts";
import { autocast, type Dtype, noGrad, scope } from "../tensor/index.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

export interface LastStatesOptions {
  batchTokens: number;
  compute: Dtype;
  progress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * The residual stream at the last token of every row after each block, before the final norm: slot i − 1 holds the outputs of block i.
 * The caller closes the store.
 */
export async function lastStates(
  model: Model,
  rows: readonly Int32Array[],
  { batchTokens, compute, progress, signal }: LastStatesOptions,
): Promise<VectorStore> {
  const { layers, width, padId = 0 } = model.config;
  const store = vectorStore(layers, rows.length, width);
  let done = 0;
  for (const chosen of longestFirst(
    rows.map((row) => row.length),
    batchTokens,
  )) {
    const batch = padRows(
      chosen.map((row) => rows[row]!),
      padId,
    );
    const run = () => {
      let layer = 0;
      for (const h of model.layers(rightPadded(model, batch))) {
        if (layer > 0) {
          const last = pool(h, batch.lengths, "last").toFloats(); // [B D]
          for (const [i, row] of chosen.entries())
            store.write(layer - 1, row, last.subarray(i * width, (i + 1) * width));
        }
        layer++;
      }
    };
    noGrad(() => scope(() => autocast(model.device, compute, run)));
    done += chosen.length;
    progress?.(done, rows.length);
    await nextTurn();
    signal?.throwIfAborted();
  }
  return store;
}
