import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { BatchLoss, JointBatch, Objective, PreparedBatch } from "../objectives/objective.ts";
import { autocast, type Dtype, noGrad, scope } from "../tensor/index.ts";

function lossOf(
  model: Model,
  batch: PreparedBatch | JointBatch,
  compute: Dtype,
): { sum: number; metrics: BatchLoss["metrics"] } {
  return noGrad(() =>
    scope(() => {
      const { sum, metrics } = autocast(model.device, compute, () =>
        "parts" in batch ? batch.compare(batch.parts.map((part) => part.vectors(model, {}))) : batch.loss(model, {}),
      );
      return { sum: sum.item(), metrics };
    }),
  );
}

/**
 * Each objective once over its (held-out) data, without dropout and gradients: `<objective>.loss` in nats per unit, its other
 * figures likewise, and `loss`, their weighted sum; nothing without objectives.
 */
export async function validate(
  model: Model,
  objectives: readonly Objective[],
  compute: Dtype,
): Promise<Record<string, number>> {
  const found: Record<string, number> = objectives.length > 0 ? { loss: 0 } : {};
  for (const { name, weight, microBatches, work } of objectives) {
    let units = 0;
    const sums: Record<string, number> = { loss: 0 };
    for (let position = 0; position < microBatches; position++) {
      for (const batch of work([position], 1).batches) {
        const { sum, metrics } = lossOf(model, batch, compute);
        units += batch.units;
        sums.loss! += sum;
        for (const [metric, value] of Object.entries(metrics)) sums[metric] = (sums[metric] ?? 0) + value * batch.units;
      }
      await nextTurn();
    }
    for (const [metric, sum] of Object.entries(sums)) found[`${name}.${metric}`] = sum / Math.max(1, units);
    found.loss! += weight * found[`${name}.loss`]!;
  }
  return found;
}
