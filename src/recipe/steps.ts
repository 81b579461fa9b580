import type { Objective } from "../objectives/objective.ts";
import type { TrainSettings } from "../train/settings.ts";

/** Optimizer steps of one pass over the data of the objective with the most micro-batches. */
export const stepsPerEpoch = (objectives: readonly Objective[], accumulation: number): number =>
  Math.max(...objectives.map(({ microBatches }) => microBatches)) / accumulation;

/** How many optimizer steps a run has: as many as asked for, or those of its epochs. */
export function stepsOf(settings: TrainSettings, objectives: readonly Objective[]): number {
  if (settings.max_steps !== undefined) return settings.max_steps;
  const { num_train_epochs: epochs, gradient_accumulation_steps: accumulation, order } = settings;
  const turns = order === "alternating" ? objectives.length : 1;
  return Math.max(1, Math.ceil(epochs! * turns * stepsPerEpoch(objectives, accumulation)));
}
