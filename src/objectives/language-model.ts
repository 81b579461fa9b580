import { z } from "zod";
import { rowGroups, type TokenBatch } from "../data/token-batch.ts";
import type { Tokens } from "../models/family.ts";
import { ignored, positionsLoss, supervisedPositions } from "../models/loss.ts";
import { ops, scope, tensor } from "../tensor/index.ts";
import type { BatchSource, Objective, PreparedBatch } from "./objective.ts";

export const languageModelSettings = z.strictObject({
  weight: z.number().min(0).default(1).describe("Factor of this loss in the joint loss."),
  batch_tokens: z.int().min(1).default(1024).describe("Padded tokens per micro-batch (rows × longest row)."),
  rows_per_batch: z.int().min(1).optional().describe("Rows per micro-batch, instead of batch_tokens."),
  maximum_length: z.int().min(2).default(512).describe("Longer rows are cut, tokens."),
});

export const packingSettings = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none").describe("Rows of similar length, padded to the longest.") }),
    z.strictObject({
      kind: z.literal("clean").describe("Rows behind each other without padding; none sees another, nothing is lost."),
    }),
    z.strictObject({
      kind: z
        .literal("paper")
        .describe("AFP's code: rows are joined and cut into blocks that see across rows; the remainder is dropped."),
      rows_per_batch: z.int().min(1).default(4).describe("Rows that are joined."),
    }),
  ])
  .prefault({ kind: "none" })
  .describe("How rows share a micro-batch.");

export const instructionSettings = languageModelSettings.extend({
  weight: z.number().min(0).default(1.5).describe("Factor of this loss in the joint loss (AFP: 1.5)."),
  packing: packingSettings,
  template: z
    .enum(["none", "chat"])
    .default("none")
    .describe("Rows as they are, or as the model's chat template writes them; plain is right for base models."),
  end_of_answer: z.boolean().default(true).describe("Learn to end after the answer (EOS); AFP's code does not."),
  cross_lingual_share: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      "Share of rows answered in another language than the question's, where rows are composed from parallel instructions.",
    ),
});

/** A batch as the model takes it: packed sequences of a row have positions of their own and see only themselves. */
function tokensOf({ ids, rows, columns, positions, segments }: TokenBatch, device: string): Tokens {
  const flat = (data: Int32Array) => tensor(data, { shape: [rows, columns], device });
  if (positions === undefined || segments === undefined) return { ids: flat(ids) };
  const segment = flat(segments);
  const column = ops.arange(columns, "int64", device);
  const visible = scope(() => {
    const own = ops.eq(ops.unsqueeze(segment, 2), ops.unsqueeze(segment, 1)); // [B T T]
    const earlier = ops.ge(ops.unsqueeze(column, 1), ops.unsqueeze(column, 0)); // [T T]
    return ops.unsqueeze(ops.logicalAnd(own, earlier), 1);
  });
  return { ids: flat(ids), positions: ops.toDtype(flat(positions), "int64"), visible };
}

function prepare(batch: TokenBatch): PreparedBatch {
  const labels = batch.labels ?? labelsOf(batch);
  const supervised = supervisedPositions(labels, batch.rows, batch.columns);
  return {
    units: supervised.positions.length,
    tokens: batch.lengths.reduce((a, b) => a + b, 0),
    loss: (model, options) => ({
      sum: scope(() => positionsLoss(model, tokensOf(batch, model.device), supervised, options)),
      metrics: {},
    }),
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
  source: BatchSource<TokenBatch>,
): Objective {
  return {
    name,
    weight: settings.weight,
    unit: "supervised_tokens",
    microBatches: source.microBatches,
    work: (positions, pieces) => ({
      kind: "separate",
      batches: positions.flatMap((position) => rowGroups(source.batch(position), pieces).map(prepare)),
    }),
  };
}
