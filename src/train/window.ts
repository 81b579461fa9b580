import type { ForwardOptions } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import type { BatchLoss, JointWindow, Objective } from "../objectives/objective.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import type { Tape } from "./tape.ts";

/** What a step has gathered so far. */
export interface StepResult {
  /** each objective's loss per unit, nats */
  parts: Record<string, number>;
  metrics: Record<string, Record<string, number>>;
  tokens: number;
}

/** One objective's micro-batches of one step. */
export interface Window {
  tape: Tape;
  objective: Objective;
  /** of the micro-batches in the objective's stream */
  positions: readonly number[];
  /** how the model runs a micro-batch: the same options, the same units dropped */
  options(micro: number): ForwardOptions;
  compute: Dtype;
}

/** Independent micro-batches, one after the other; the loss is normalised by the units of all. */
function runSeparately({ tape, objective, positions, options, compute }: Window, result: StepResult): void {
  const batches = positions.map((position) => objective.batch(position));
  const units = batches.reduce((total, batch) => total + batch.units, 0);
  const metrics: Record<string, number> = { [objective.unit]: units };
  let total = 0;
  batches.forEach((batch, micro) => {
    result.tokens += batch.tokens;
    if (batch.units === 0) return;
    scope(() => {
      const outcome = autocast(tape.model.device, compute, () => batch.loss(tape.model, options(micro)));
      total += outcome.sum.item();
      for (const [name, value] of Object.entries(outcome.metrics))
        metrics[name] = (metrics[name] ?? 0) + (value * batch.units) / units;
      tape.backward(ops.mul(outcome.sum, objective.weight / units));
    });
  });
  result.parts[objective.name] = units === 0 ? 0 : total / units;
  result.metrics[objective.name] = metrics;
}

/** The loss of all vectors, and its gradient by each part's. */
function compareCached(
  vectors: readonly Tensor[],
  joint: JointWindow,
  factor: number,
): BatchLoss & { gradients: Tensor[] } {
  const leaves = vectors.map((vector) => ops.detach(vector));
  for (const leaf of leaves) leaf.requiresGrad = true;
  const { sum, metrics } = joint.compare(leaves);
  ops.mul(sum, factor).backward();
  return { sum: ops.detach(sum), metrics, gradients: leaves.map(({ grad }) => grad!) };
}

/**
 * GradCache (Gao et al. 2021): vectors of all micro-batches without a graph, the loss and its gradient by the vectors, then
 * each micro-batch again with that gradient. The parameters' gradient is the large batch's at one micro-batch's memory.
 */
function runJointly({ tape, objective, options, compute }: Window, joint: JointWindow, result: StepResult): void {
  const run = (model: Model, part: JointWindow["parts"][number], micro: number): Tensor =>
    autocast(model.device, compute, () => part.vectors(model, options(micro)));
  scope(() => {
    const vectors = joint.parts.map((part, micro) => scope(() => noGrad(() => run(tape.bare, part, micro))));
    const { sum, metrics, gradients } = compareCached(vectors, joint, objective.weight / joint.units);
    joint.parts.forEach((part, micro) => {
      // a surrogate whose gradient by the vectors is the cached one
      scope(() => tape.backward(ops.sumAll(ops.mul(run(tape.model, part, micro), gradients[micro]!))));
      result.tokens += part.tokens;
    });
    result.parts[objective.name] = sum.item() / joint.units;
    result.metrics[objective.name] = { [objective.unit]: joint.units, ...metrics };
  });
}

/** Adds one objective's gradient to the parameters', and its figures to the step's. */
export function runWindow(window: Window, result: StepResult): void {
  const { objective, positions } = window;
  // a single micro-batch needs no second pass
  if (objective.window === undefined || positions.length === 1) runSeparately(window, result);
  else runJointly(window, objective.window(positions), result);
}
