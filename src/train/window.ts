import type { ForwardOptions } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import type { BatchLoss, JointBatch, Objective, PreparedBatch } from "../objectives/objective.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import type { Tape } from "./tape.ts";

/** What a step has gathered so far. */
export interface StepResult {
  /** each objective's loss per unit, nats */
  parts: Record<string, number>;
  metrics: Record<string, Record<string, number>>;
  tokens: number;
}

/** One objective's share of a step. */
export interface Window {
  tape: Tape;
  objective: Objective;
  /** of the micro-batches in the objective's data */
  positions: readonly number[];
  /** pieces that each micro-batch is cut into */
  pieces: number;
  /** how the model runs piece `index` of the window: the same options, the same units dropped */
  options(index: number): ForwardOptions;
  compute: Dtype;
}

/** The sum's value; refuses a loss that nothing trained has a part in. */
function reached(sum: Tensor, { objective }: Window): number {
  if (sum.requiresGrad) return sum.item();
  throw new Error(
    `${objective.name}: its loss depends on no trained weight. Train a layer that it sees (train.method), or align at a higher one.`,
  );
}

/** A batch's loss, its gradient added to the parameters'. `index` numbers its first piece. */
type Run<B> = (
  window: Window,
  batch: B,
  index: number,
  factor: number,
) => { sum: number; metrics: BatchLoss["metrics"] };

const runSeparate: Run<PreparedBatch> = (window, batch, index, factor) =>
  scope(() => {
    const { tape, options, compute } = window;
    const { sum, metrics } = autocast(tape.model.device, compute, () => batch.loss(tape.model, options(index)));
    const value = reached(sum, window);
    tape.backward(ops.mul(sum, factor));
    return { sum: value, metrics };
  });

/** The loss of all vectors, and its gradient by each part's. */
function compareCached(vectors: readonly Tensor[], { compare }: JointBatch, factor: number) {
  const leaves = vectors.map((vector) => ops.detach(vector));
  for (const leaf of leaves) leaf.requiresGrad = true;
  const { sum, metrics } = compare(leaves);
  ops.mul(sum, factor).backward();
  return { sum: sum.item(), metrics, gradients: leaves.map(({ grad }) => grad!) };
}

/**
 * GradCache (Gao et al. 2021): vectors of all parts without a graph, the loss and its gradient by the vectors, then each part
 * again with that gradient. The parameters' gradient is the large batch's at one part's memory.
 */
const runJoint: Run<JointBatch> = (window, batch, index, factor) => {
  const { tape, options, compute } = window;
  const vectorsOf = (model: Model, part: number): Tensor =>
    autocast(model.device, compute, () => batch.parts[part]!.vectors(model, options(index + part)));
  return scope(() => {
    if (batch.parts.length === 1) {
      // a single part needs no second pass
      const { sum, metrics } = batch.compare([vectorsOf(tape.model, 0)]);
      const value = reached(sum, window);
      tape.backward(ops.mul(sum, factor));
      return { sum: value, metrics };
    }
    const vectors = batch.parts.map((_, part) => scope(() => noGrad(() => vectorsOf(tape.bare, part))));
    const { sum, metrics, gradients } = compareCached(vectors, batch, factor);
    // a surrogate whose gradient by the vectors is the cached one
    for (const [part, gradient] of gradients.entries())
      scope(() => tape.backward(ops.sumAll(ops.mul(vectorsOf(tape.model, part), gradient))));
    return { sum, metrics };
  });
};

function runAll<B extends PreparedBatch | JointBatch>(
  window: Window,
  batches: readonly B[],
  run: Run<B>,
  result: StepResult,
) {
  const { objective } = window;
  const units = batches.reduce((total, batch) => total + batch.units, 0);
  const metrics: Record<string, number> = { [objective.unit]: units };
  let [total, index] = [0, 0];
  for (const batch of batches) {
    const parts: readonly { tokens: number }[] = "parts" in batch ? batch.parts : [batch];
    result.tokens += parts.reduce((sum, { tokens }) => sum + tokens, 0);
    if (batch.units > 0) {
      const outcome = run(window, batch, index, objective.weight / units);
      total += outcome.sum;
      for (const [name, value] of Object.entries(outcome.metrics))
        metrics[name] = (metrics[name] ?? 0) + (value * batch.units) / units;
    }
    index += parts.length;
  }
  result.parts[objective.name] = units === 0 ? 0 : total / units;
  result.metrics[objective.name] = metrics;
}

/** Adds one objective's gradient to the parameters', normalised by the units of all its batches, and its figures to the step's. */
export function runWindow(window: Window, result: StepResult): void {
  const work = window.objective.work(window.positions, window.pieces);
  if (work.kind === "separate") runAll(window, work.batches, runSeparate, result);
  else runAll(window, work.batches, runJoint, result);
}
