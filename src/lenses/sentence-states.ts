import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import { hiddenStates, type Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { type Pooling, pool } from "../nn/index.ts";
import { autocast, type Dtype, noGrad, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

export interface StatesOptions {
  /** layers as Hugging Face numbers them: 0 = embedding output, L = after the final norm */
  layers: readonly number[];
  poolings: readonly Pooling[];
  /** padded tokens per batch */
  batchTokens: number;
  compute?: Dtype;
  progress?: (done: number, total: number) => void;
}

/** One vector per sentence, layer and pooling: `of(layer, pooling)` is [N D], in input order. */
export interface SentenceStates {
  of(layer: number, pooling: Pooling): Tensor;
}

/** Pools every sentence's states in one pass over the model; the blocks above the highest layer are not run. */
export async function sentenceStates(
  model: Model,
  tokenizer: Tokenizer,
  sentences: readonly string[],
  options: StatesOptions,
): Promise<SentenceStates> {
  const { layers, poolings, compute = "float32" } = options;
  const width = model.config.width;
  const vectors = new Map(
    layers.flatMap((layer) =>
      poolings.map((pooling) => [`${layer} ${pooling}`, new Float32Array(sentences.length * width)] as const),
    ),
  );
  const rows = (await tokenizer.encodeBatch(sentences)).map(({ ids }) =>
    Int32Array.from(ids.slice(0, model.config.maximumLength)),
  );
  const empty = rows.findIndex((row) => row.length === 0);
  if (empty >= 0) throw new Error(`sentence ${empty}: it has no tokens, so it has no state.`);
  let done = 0;
  for (const chosen of longestFirst(
    rows.map((row) => row.length),
    options.batchTokens,
  )) {
    const batch = padRows(
      chosen.map((row) => rows[row]!),
      model.config.padId ?? 0,
    );
    const run = () => {
      for (const [layer, h] of hiddenStates(model, rightPadded(model, batch), layers)) {
        for (const pooling of poolings) {
          const pooled = pool(h, batch.lengths, pooling).toFloats(); // [B D]
          const into = vectors.get(`${layer} ${pooling}`)!;
          for (const [i, row] of chosen.entries()) into.set(pooled.subarray(i * width, (i + 1) * width), row * width);
        }
      }
    };
    noGrad(() => scope(() => autocast(model.device, compute, run)));
    done += chosen.length;
    options.progress?.(done, sentences.length);
    await nextTurn();
  }
  return {
    of(layer, pooling) {
      const data = vectors.get(`${layer} ${pooling}`);
      if (data === undefined) throw new Error(`no states of layer ${layer} with ${pooling} pooling were asked for.`);
      return tensor(data, { shape: [sentences.length, width] });
    },
  };
}
