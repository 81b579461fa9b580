import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { StepRecord } from "../run/records.ts";
import { type Dtype, deriveSeed } from "../tensor/index.ts";
import { completeCheckpoints, differences, environment, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { adamW } from "./optimizer.ts";
import { learningRateFactor } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";
import { checkpointedTape, plainTape } from "./tape.ts";
import { runWindow, type StepResult } from "./window.ts";

export interface TrainOptions {
  /** float32 weights, the trained ones marked with `model.trainable` */
  model: Model;
  objectives: readonly Objective[];
  settings: Omit<TrainSettings, "method" | "objectives">;
  seed: number;
  /** type of the products; weights, moments and gradients are float32 */
  compute: Dtype;
  /** folder for checkpoints; none are written without */
  checkpoints?: string;
  /** continue from the newest complete checkpoint */
  resume?: boolean;
  /** ends the run after the current step, with a checkpoint */
  signal?: AbortSignal;
  /** is told what a user should know, such as a resume on another machine */
  notice?: (text: string) => void;
}

/**
 * Trains, yielding one record per optimizer step; a checkpoint follows the record that it covers. Batches, dropout and
 * schedule are pure functions of (seed, step), so a resumed run repeats an uninterrupted one bit for bit on the same
 * machine type, torch build and thread count.
 */
export async function* train(options: TrainOptions): AsyncGenerator<StepRecord, void, undefined> {
  const { model, objectives, settings, seed, compute, checkpoints } = options;
  const parameters = new Map(model.parameters().filter(([, tensor]) => tensor.requiresGrad));
  const optimizer = adamW(parameters, settings);
  const here = environment(model.device, compute);
  const drops = model.config.hasDropout;
  const tape = settings.gradient_checkpointing ? checkpointedTape(model, compute) : plainTape(model);
  const accumulation = settings.gradient_accumulation_steps;

  const saved = options.resume && checkpoints !== undefined ? completeCheckpoints(checkpoints).at(-1) : undefined;
  if (saved !== undefined) {
    const state = loadCheckpoint(checkpoints!, saved, { parameters, optimizer });
    const changed = differences(state.environment, here);
    if (changed.length > 0) options.notice?.(`resuming on another set-up, so bits may differ: ${changed.join("; ")}`);
  }

  for (let step = saved ?? 0; step < settings.max_steps; step++) {
    const began = performance.now();
    const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
    objectives.forEach((objective, index) => {
      const positions = Array.from({ length: accumulation }, (_, micro) => step * accumulation + micro);
      const options = (micro: number) => (drops ? { dropoutSeed: deriveSeed(seed, step, micro, index) } : {});
      runWindow({ tape, objective, positions, options, compute }, result);
    });
    const lr = settings.learning_rate * learningRateFactor(settings.schedule, step, settings.max_steps);
    const norm = optimizer.step(lr);
    const loss = objectives.reduce((sum, { name, weight }) => sum + weight * (result.parts[name] ?? 0), 0);
    if (!Number.isFinite(loss) || !Number.isFinite(norm))
      throw new Error(
        `step ${step + 1}: loss ${loss}, gradient norm ${norm}. Lower train.learning_rate; the last checkpoint is untouched.`,
      );
    const seconds = (performance.now() - began) / 1000;
    yield {
      step: step + 1,
      tokens: result.tokens,
      loss,
      parts: result.parts,
      metrics: result.metrics,
      lr,
      grad_norm: norm,
      tokens_per_second: result.tokens / seconds,
      seconds,
    };
    const last = step + 1 === settings.max_steps || options.signal?.aborted === true;
    if (checkpoints !== undefined && (last || (step + 1) % settings.save_steps === 0))
      saveCheckpoint(
        checkpoints,
        { step: step + 1, environment: here },
        { parameters, optimizer },
        settings.save_total_limit,
      );
    if (options.signal?.aborted) return;
    await nextTurn(); // signals, progress and finalizers run only between steps
  }
}
