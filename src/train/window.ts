import type { ForwardOptions } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import type { BatchLoss, JointBatch, Objective, PreparedBatch } from "../objectives/objective.ts";
import { alone, autocast, type Collectives, type Dtype, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import { gatherVectors, isMine } from "./distributed.ts";
import type { Tape } from "./tape.ts";

/** What a step has gathered so far; where several processes train, the sum of theirs is the step's. */
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
  /** the processes that the window's micro-batches are dealt to; by default this one does all */
  ranks?: Collectives;
}

/** Refuses a loss that nothing trained has a part in. */
function reached(loss: Tensor, { objective }: Window): Tensor {
  if (loss.requiresGrad) return loss;
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
    tape.backward(ops.mul(reached(sum, window), factor));
    return { sum: sum.item(), metrics };
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
 * again with that gradient. The parameters' gradient is the large batch's at one part's memory. Where the parts are dealt to
 * several processes, each makes the vectors of its own, gets the others', and computes the loss over all of them; the sum of
 * the processes' gradients is the large batch's.
 */
const runJoint: Run<JointBatch> = (window, batch, index, factor) => {
  const { tape, options, compute, ranks = alone } = window;
  const vectorsOf = (model: Model, part: number): Tensor =>
    autocast(model.device, compute, () => batch.parts[part]!.vectors(model, options(index + part)));
  return scope(() => {
    if (batch.parts.length === 1) {
      // a single part needs no second pass
      const { sum, metrics } = batch.compare([vectorsOf(tape.model, 0)]);
      tape.backward(ops.mul(reached(sum, window), factor));
      return { sum: sum.item(), metrics };
    }
    const mine = batch.parts.map((_, part) => part).filter((part) => isMine(ranks, part));
    // nor does a process that has a single one
    const kept = mine.length === 1 ? vectorsOf(tape.model, mine[0]!) : undefined;
    const own = mine.map((part) => kept ?? scope(() => noGrad(() => vectorsOf(tape.bare, part))));
    const vectors = ranks.size === 1 ? own : gatherVectors(ranks, own, batch.parts.length, tape.model.device);
    const { sum, metrics, gradients } = compareCached(vectors, batch, factor);
    // a surrogate whose gradient by the vectors is the cached one
    for (const part of mine)
      scope(() => {
        const again = reached(kept ?? vectorsOf(tape.model, part), window);
        tape.backward(ops.sumAll(ops.mul(again, gradients[part]!)));
      });
    return { sum, metrics };
  });
};

function runAll<B extends PreparedBatch | JointBatch>(
  window: Window,
  batches: readonly B[],
  run: Run<B>,
  result: StepResult,
) {
  const { objective, ranks = alone } = window;
  // of all batches, whoever runs them: each process knows them all
  const units = batches.reduce((total, batch) => total + batch.units, 0);
  const metrics: Record<string, number> = { [objective.unit]: 0 };
  let [total, index] = [0, 0];
  for (const [number, batch] of batches.entries()) {
    const parts: readonly { tokens: number }[] = "parts" in batch ? batch.parts : [batch];
    // of a single batch the parts are dealt, and all processes compute its loss
    const together = batches.length === 1 && parts.length > 1;
    const outcome =
      batch.units > 0 && (together || isMine(ranks, number))
        ? run(together ? window : { ...window, ranks: alone }, batch, index, objective.weight / units)
        : undefined;
    // what all compute counts once
    if (isMine(ranks, number)) {
      result.tokens += parts.reduce((sum, { tokens }) => sum + tokens, 0);
      metrics[objective.unit]! += batch.units;
      total += outcome?.sum ?? 0;
      for (const [name, value] of Object.entries(outcome?.metrics ?? {}))
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
