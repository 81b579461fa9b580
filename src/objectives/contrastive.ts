import { z } from "zod";
import { padRows, type TokenBatch } from "../data/token-batch.ts";
import { hiddenStates, type Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { type Pooling, pool, poolings } from "../nn/index.ts";
import { autocast, ops, scope, type Tensor } from "../tensor/index.ts";
import type { Objective, PreparedBatch } from "./objective.ts";

export const contrastiveSettings = z.strictObject({
  weight: z.number().min(0).default(1).describe("Factor of this loss in the joint loss."),
  layer: z
    .int()
    .min(0)
    .default(1)
    .describe(
      "State to align: 0 = embedding output, L = last block after the final norm. The blocks above it are not run.",
    ),
  pooling: z
    .enum(poolings as [Pooling, ...Pooling[]])
    .default("mean")
    .describe("How a sentence's states become one vector."),
  temperature: z.number().positive().default(0.05).describe("Divides the cosine similarities (τ)."),
  direction: z
    .enum(["one", "symmetric"])
    .default("symmetric")
    .describe("one: the first language's sentence finds its translation (AFP's code); symmetric: both ways, averaged."),
  pairs_per_batch: z
    .int()
    .min(1)
    .default(32)
    .describe("Sentence pairs per micro-batch; each has the others' translations as negatives."),
  maximum_length: z.int().min(2).default(128).describe("Longer sentences are cut, tokens."),
});
export type ContrastiveSettings = z.infer<typeof contrastiveSettings>;

const normalize = (x: Tensor): Tensor => ops.div(x, ops.clampMin(ops.normAlong(x, 2, [1], true), 1e-8));

export interface InfoNce {
  /** summed over the N pairs, nats */
  sum: Tensor;
  /** pairs whose translation is the nearest of the batch (mean of both ways when symmetric) */
  correct: number;
}

/**
 * InfoNCE (van den Oord et al. 2018) on cosine similarities: Σᵢ −log softmaxⱼ(cos(uᵢ, vⱼ) / τ)ᵢ, or the mean of both
 * directions. AFP's MCL is direction "one" with τ = 0.05 (Li et al. 2024, official decoder_models.py).
 *
 * u, v: [N D], row i of each translates the other
 */
export function infoNce(
  u: Tensor,
  v: Tensor,
  options: { temperature: number; direction: "one" | "symmetric" },
): InfoNce {
  // 1/τ multiplies rounding, so similarities are never made in half precision
  return autocast(u.device, "float32", () => {
    const cosines = ops.matmul(normalize(u), ops.transpose(normalize(v), 0, 1)); // [N N]
    const scores = ops.div(cosines, options.temperature);
    const ways = options.direction === "one" ? [scores] : [scores, ops.transpose(scores, 0, 1)];
    const sums = ways.map((s) => ops.neg(ops.sumAll(ops.diagonal(ops.logSoftmax(s, 1)))));
    const here = ops.arange(u.size(0), "int64", u.device);
    const correct = ways.map((s) => ops.sumAll(ops.eq(ops.argmax(s, 1), here)).item());
    const total = sums.reduce((a, b) => ops.add(a, b));
    return { sum: ops.div(total, ways.length), correct: correct.reduce((a, b) => a + b) / ways.length };
  });
}

/** Pooled states of a layer for right-padded rows. → [B D], float32 */
export function sentenceStates(
  model: Model,
  batch: TokenBatch,
  settings: { layer: number; pooling: Pooling },
  options = {},
): Tensor {
  return scope(() => {
    for (const [, h] of hiddenStates(model, rightPadded(model, batch), [settings.layer], options))
      return ops.toDtype(pool(h, batch.lengths, settings.pooling), "float32");
    throw new Error("unreachable: hiddenStates yields the layer or throws");
  });
}

/** Multilingual contrastive learning: translations near each other at one layer, other sentences of the batch apart. */
export function contrastive(
  settings: ContrastiveSettings,
  source: { padId: number; batch(position: number): { left: Int32Array; right: Int32Array }[] },
): Objective {
  return {
    name: "contrastive",
    weight: settings.weight,
    unit: "pairs",
    batch(position): PreparedBatch {
      const pairs = source.batch(position);
      const count = pairs.length;
      // both sides in one batch: rows 0 … N−1 and their translations N … 2N−1
      const rows = padRows([...pairs.map(({ left }) => left), ...pairs.map(({ right }) => right)], source.padId);
      return {
        units: count,
        tokens: rows.lengths.reduce((a, b) => a + b, 0),
        loss(model, options) {
          const states = sentenceStates(model, rows, settings, options); // [2N D]
          const { sum, correct } = infoNce(
            ops.narrow(states, 0, 0, count),
            ops.narrow(states, 0, count, count),
            settings,
          );
          return { sum, metrics: { accuracy: correct / count, negatives: count - 1 } };
        },
      };
    },
  };
}
