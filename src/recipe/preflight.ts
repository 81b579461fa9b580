import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Model } from "../models/model.ts";
import { type Objective, sizeOf } from "../objectives/objective.ts";
import { type Dtype, memory } from "../tensor/index.ts";
import type { TrainSettings } from "../train/settings.ts";
import { checkpointedTape, plainTape } from "../train/tape.ts";
import { runWindow, type StepResult } from "../train/window.ts";

/** What a training run will need, from its longest batch, which was run once. */
export interface Preflight {
  /** of a whole step, by the speed of the longest batch */
  secondsPerStep: number;
  seconds: number;
  /** resident memory at its highest, after the longest batch; the optimizer's moments come on top */
  peakBytes: number;
  momentBytes: number;
  /** disk for the checkpoints that are kept and the final folder */
  diskBytes: number;
  diskFree: number;
}

/** Micro-batches that are looked at to find the longest. */
const mostBatches = 2000;

/** The position of the objective's micro-batch with the most tokens, and the mean of all. */
function longest({ microBatches, work }: Objective): { position: number; tokens: number; mean: number } {
  const count = Math.min(microBatches, mostBatches);
  const sizes = Array.from({ length: count }, (_, position) => sizeOf(work([position], 1)).tokens);
  const tokens = Math.max(...sizes);
  return { position: sizes.indexOf(tokens), tokens, mean: sizes.reduce((a, b) => a + b, 0) / count };
}

/** Runs each objective's longest micro-batch forward and backward, and throws the gradients away. → seconds of a step */
function timeStep(model: Model, objectives: readonly Objective[], settings: TrainSettings, compute: Dtype): number {
  const tape = settings.gradient_checkpointing ? checkpointedTape(model, compute) : plainTape(model);
  const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
  let seconds = 0;
  for (const objective of objectives) {
    const { position, tokens, mean } = longest(objective);
    const options = () => (model.config.hasDropout ? { dropoutSeed: 0n } : {});
    const began = performance.now();
    runWindow({ tape, objective, positions: [position], pieces: 1, options, compute }, result);
    seconds += (((performance.now() - began) / 1000) * mean) / tokens;
  }
  for (const [, parameter] of model.parameters()) parameter.grad = undefined;
  const turns = settings.order === "alternating" ? objectives.length : 1;
  return (seconds * settings.gradient_accumulation_steps) / turns;
}

const numbers = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function freeDisk(folder: string): number {
  let place = folder;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

/**
 * What training would need in time, memory and disk.
 * @throws Error when not even one checkpoint and the final folder fit on the disk
 */
export function preflight(
  model: Model,
  objectives: readonly Objective[],
  settings: TrainSettings,
  run: { compute: Dtype; steps: number; folder: string },
): Preflight {
  const parameters = model.parameters();
  const trained = parameters
    .filter(([, tensor]) => tensor.requiresGrad)
    .reduce((sum, [, { shape }]) => sum + numbers(shape), 0);
  const all = parameters.reduce((sum, [, { shape }]) => sum + numbers(shape), 0);
  // weights and two moments of what is trained, float32
  const checkpoint = 12 * trained;
  const exported = settings.method.kind === "lora" ? 4 * trained : 4 * all;
  const diskFree = freeDisk(run.folder);
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  if (diskFree < checkpoint + exported)
    throw new Error(
      `${run.folder}: a checkpoint (${gigabytes(checkpoint)}) and the final folder (${gigabytes(exported)}) do not fit on the disk, which has ${gigabytes(diskFree)} left. Free some space, or choose another place with --runs.`,
    );
  const secondsPerStep = timeStep(model, objectives, settings, run.compute);
  return {
    secondsPerStep,
    seconds: secondsPerStep * run.steps,
    peakBytes: memory().peakResident,
    momentBytes: 8 * trained,
    // one more than is kept exists while it is written
    diskBytes: (settings.save_total_limit + 1) * checkpoint + exported,
    diskFree,
  };
}

const duration = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
};

/** The same in two lines. */
export function describePreflight({
  secondsPerStep,
  seconds,
  peakBytes,
  momentBytes,
  diskBytes,
  diskFree,
}: Preflight): string {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    `about ${duration(seconds)} (${secondsPerStep.toFixed(2)} s a step, by the longest batches, which were run once)`,
    `memory ${gigabytes(peakBytes + momentBytes)}, disk ${gigabytes(diskBytes)} of ${gigabytes(diskFree)} free`,
  ].join("\n");
}
