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

/** Micro-batches with one loss: the vectors of all of them are compared with each other. */
export interface JointWindow {
  units: number;
  parts: { tokens: number; vectors(model: Model, options: ForwardOptions): Tensor }[];
  /** One tensor [R D] float32 per part, in their order. */
  compare(vectors: readonly Tensor[]): BatchLoss;
}

/** A loss with its data. The batch at a position is a pure function of (seed, position), so that resuming needs only a number. */
export interface Objective {
  name: string;
  /** factor in the joint loss */
  weight: number;
  /** name of the units in log.jsonl */
  unit: "pairs" | "supervised_tokens";
  batch(position: number): PreparedBatch;
  /** where a step's micro-batches are not independent */
  window?(positions: readonly number[]): JointWindow;
}
