import type { ForwardOptions } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import type { Tensor } from "../tensor/index.ts";

/** What one micro-batch gives. */
export interface BatchLoss {
  /** loss summed over the batch's units, nats; differentiable */
  sum: Tensor;
  /** further figures; the trainer averages them over the step, weighted by units */
  metrics: Record<string, number>;
}

/** A micro-batch that is ready to run: typed arrays in a closure, so that the trainer knows nothing of its kind. */
export interface PreparedBatch {
  /** how many terms the loss sums: sentence pairs, or supervised tokens */
  units: number;
  /** non-padding tokens that go through the model */
  tokens: number;
  loss(model: Model, options: ForwardOptions): BatchLoss;
}

/** Parts with one loss: the vectors of all of them are compared with each other. */
export interface JointBatch {
  units: number;
  parts: { tokens: number; vectors(model: Model, options: ForwardOptions): Tensor }[];
  /** One tensor [R D] float32 per part, in their order. */
  compare(vectors: readonly Tensor[]): BatchLoss;
}

/** What an objective runs in a step: micro-batches of their own, or some whose vectors meet in one loss. */
export type Work = { kind: "separate"; batches: PreparedBatch[] } | { kind: "joint"; batches: JointBatch[] };

/** A loss with its data. */
export interface Objective {
  name: string;
  /** factor in the joint loss */
  weight: number;
  /** name of the units in log.jsonl */
  unit: "pairs" | "supervised_tokens";
  /** micro-batches in the first pass over the data */
  microBatches: number;
  /**
   * The micro-batches at some positions of the data, each cut into `pieces` where memory is short; the loss is the same. A
   * pure function of seed and position, so that resuming needs only a number.
   */
  work(positions: readonly number[], pieces: number): Work;
}

/** Where an objective's batches come from: the one at a position is a pure function of seed and position. */
export interface BatchSource<Batch> {
  batch(position: number): Batch;
  /** batches in the first pass over the data */
  microBatches: number;
}

/** Units and tokens of some work. */
export function sizeOf({ kind, batches }: Work): { units: number; tokens: number } {
  const tokens =
    kind === "separate"
      ? batches.map((batch) => batch.tokens)
      : batches.flatMap(({ parts }) => parts.map((p) => p.tokens));
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return { units: sum(batches.map(({ units }) => units)), tokens: sum(tokens) };
}
