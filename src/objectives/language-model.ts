import { z } from "zod";
import type { TokenBatch } from "../data/token-batch.ts";
import { ignored, lastState, positionsLoss, supervisedPositions } from "../models/loss.ts";
import { scope, tensor } from "../tensor/index.ts";
import type { Objective, PreparedBatch } from "./objective.ts";

export const languageModelSettings = z.strictObject({
  weight: z.number().min(0).default(1).describe("Factor of this loss in the joint loss."),
  batch_tokens: z.int().min(1).default(1024).describe("Padded tokens per micro-batch (rows × longest row)."),
  maximum_length: z.int().min(2).default(512).describe("Longer rows are cut, tokens."),
});

export const instructionSettings = languageModelSettings.extend({
  weight: z.number().min(0).default(1.5).describe("Factor of this loss in the joint loss (AFP: 1.5)."),
  cross_lingual_share: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      "Share of rows answered in another language than the question's, where rows are composed from parallel instructions.",
    ),
});

function prepare(batch: TokenBatch): PreparedBatch {
  const labels = batch.labels ?? labelsOf(batch);
  const { positions, targets } = supervisedPositions(labels, batch.rows, batch.columns);
  return {
    units: positions.length,
    tokens: batch.lengths.reduce((a, b) => a + b, 0),
    loss(model, options) {
      const sum = scope(() => {
        const ids = tensor(batch.ids, { shape: [batch.rows, batch.columns], device: model.device });
        return positionsLoss(model, lastState(model, { ids }, options), positions, targets);
      });
      return { sum, metrics: {} };
    },
  };
}

/** Every real token is a label. */
function labelsOf({ ids, lengths, rows, columns }: TokenBatch): Int32Array {
  const labels = new Int32Array(ids.length).fill(ignored);
  for (let row = 0; row < rows; row++)
    labels.set(ids.subarray(row * columns, row * columns + lengths[row]!), row * columns);
  return labels;
}

/**
 * Next-token cross-entropy on labelled tokens. With labels on the answer only it is cross-lingual instruction following
 * (AFP's CIF; question translation is the same loss on other rows), with labels everywhere plain language modelling.
 */
export function languageModel(
  name: "instruction" | "translation" | "text",
  settings: { weight: number },
  source: { batch(position: number): TokenBatch },
): Objective {
  return {
    name,
    weight: settings.weight,
    unit: "supervised_tokens",
    batch: (position) => prepare(source.batch(position)),
  };
}
