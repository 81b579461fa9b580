import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { StepRecord } from "../run/records.ts";
import { type Dtype, deriveSeed, type Tensor } from "../tensor/index.ts";
import {
  type CheckpointState,
  completeCheckpoints,
  differences,
  type Environment,
  environment,
  loadCheckpoint,
  saveCheckpoint,
  type Trained,
} from "./checkpoint.ts";
import { type GradientRecord, gradientLog } from "./gradient-log.ts";
import { adamW } from "./optimizer.ts";
import { learningRateFactor } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";
import { checkpointedTape, plainTape, type Tape } from "./tape.ts";
import { runWindow, type StepResult } from "./window.ts";

export interface TrainOptions {
  /** float32 weights, the trained ones marked with `model.trainable` */
  model: Model;
  objectives: readonly Objective[];
  settings: Omit<TrainSettings, "method" | "objectives" | "development" | "num_train_epochs"> & { max_steps: number };
  seed: number;
  /** type of the products; weights, moments and gradients are float32 */
  compute: Dtype;
  /** folder for checkpoints; none are written without */
  checkpoints?: string;
  /** continue from the newest complete checkpoint */
  resume?: boolean;
  /** ends the run after the current step, with a checkpoint */
  signal?: AbortSignal;
  /** further steps that get a checkpoint, such as those that are evaluated */
  saveAt?: (step: number) => boolean;
  /** checkpoints that rotation must not delete, such as the best one */
  keep?: () => readonly number[];
  /** is told what a user should know, such as a resume on another machine */
  notice?: (text: string) => void;
}

/** A micro-batch has no more rows than this to be cut apart. */
const mostPieces = 256;

/** libtorch's words on the CPU and on accelerators. */
const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && /can't allocate memory|out of memory/i.test(error.message);

/** One optimizer step's gradients, by all objectives or by the one whose turn it is. */
interface StepWork {
  options: TrainOptions;
  tape: Tape;
  parameters: ReadonlyMap<string, Tensor>;
  step: number;
  /** pieces that a micro-batch is cut into */
  pieces: number;
}

const inTurn = ({ objectives, settings }: TrainOptions, step: number): Objective[] =>
  settings.order === "alternating" ? [objectives[step % objectives.length]!] : [...objectives];

function accumulate({
  options,
  tape,
  parameters,
  step,
  pieces,
}: StepWork): StepResult & { gradients?: GradientRecord } {
  const { model, objectives, settings, seed, compute } = options;
  const accumulation = settings.gradient_accumulation_steps;
  const turn = settings.order === "alternating" ? Math.floor(step / objectives.length) : step;
  const positions = Array.from({ length: accumulation }, (_, micro) => turn * accumulation + micro);
  const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
  const every = settings.log_gradients_steps;
  const log = every > 0 && (step + 1) % every === 0 ? gradientLog([...parameters.values()]) : undefined;
  for (const objective of inTurn(options, step)) {
    const number = objectives.indexOf(objective);
    const forward = (index: number) =>
      model.config.hasDropout ? { dropoutSeed: deriveSeed(seed, step, index, number) } : {};
    runWindow({ tape, objective, positions, pieces, options: forward, compute }, result);
    log?.after(objective.name);
  }
  return log === undefined ? result : { ...result, gradients: log.finish() };
}

/** The step's gradients; where memory runs out, again with every micro-batch in twice as many pieces. */
function accumulateInMemory(work: StepWork): StepResult & { pieces: number; gradients?: GradientRecord } {
  const { options, parameters, step } = work;
  for (let { pieces } = work; ; pieces *= 2) {
    try {
      return { ...accumulate({ ...work, pieces }), pieces };
    } catch (error) {
      if (!isOutOfMemory(error) || pieces >= mostPieces) throw error;
      for (const parameter of parameters.values()) parameter.grad = undefined;
      work.tape.forget();
      options.notice?.(
        `step ${step + 1}: out of memory; micro-batches now run in ${2 * pieces} pieces, the batch stays as large`,
      );
    }
  }
}

function checkFinite(step: number, loss: number, norm: number): void {
  if (Number.isFinite(loss) && Number.isFinite(norm)) return;
  throw new Error(
    `step ${step + 1}: loss ${loss}, gradient norm ${norm}. Lower train.learning_rate; the last checkpoint is untouched.`,
  );
}

/** Puts weights and moments back to the newest complete checkpoint. */
function resumeFrom(options: TrainOptions, trained: Trained, here: Environment): CheckpointState | undefined {
  const { checkpoints } = options;
  const saved = options.resume && checkpoints !== undefined ? completeCheckpoints(checkpoints).at(-1) : undefined;
  if (saved === undefined) return undefined;
  const state = loadCheckpoint(checkpoints!, saved, trained);
  const changed = differences(state.environment, here);
  if (changed.length > 0) options.notice?.(`resuming on another set-up, so bits may differ: ${changed.join("; ")}`);
  return state;
}

/**
 * Trains, yielding one record per optimizer step; a checkpoint follows the record that it covers. Batches, dropout and
 * schedule are pure functions of (seed, step), so a resumed run repeats an uninterrupted one bit for bit on the same
 * machine type, torch build and thread count.
 */
export async function* train(options: TrainOptions): AsyncGenerator<StepRecord, void, undefined> {
  const { model, objectives, settings, compute, checkpoints } = options;
  const parameters = new Map(model.parameters().filter(([, tensor]) => tensor.requiresGrad));
  const trained: Trained = { parameters, optimizer: adamW(parameters, settings) };
  const here = environment(model.device, compute);
  const tape = settings.gradient_checkpointing ? checkpointedTape(model, compute) : plainTape(model);
  const state = resumeFrom(options, trained, here);
  let pieces = state?.pieces ?? 1;

  for (let step = state?.step ?? 0; step < settings.max_steps; step++) {
    const began = performance.now();
    const result = accumulateInMemory({ options, tape, parameters, step, pieces });
    pieces = result.pieces;
    const lr = settings.learning_rate * learningRateFactor(settings.schedule, step, settings.max_steps);
    const norm = trained.optimizer.step(lr);
    const loss = objectives.reduce((sum, { name, weight }) => sum + weight * (result.parts[name] ?? 0), 0);
    checkFinite(step, loss, norm);
    const seconds = (performance.now() - began) / 1000;
    yield {
      step: step + 1,
      tokens: result.tokens,
      loss,
      parts: result.parts,
      metrics: result.metrics,
      ...(result.gradients !== undefined && { gradients: result.gradients }),
      lr,
      grad_norm: norm,
      tokens_per_second: result.tokens / seconds,
      seconds,
    };
    const last = step + 1 === settings.max_steps || options.signal?.aborted === true;
    if (checkpoints !== undefined && (last || (step + 1) % settings.save_steps === 0 || options.saveAt?.(step + 1)))
      saveCheckpoint(checkpoints, { step: step + 1, pieces, environment: here }, trained, {
        newest: settings.save_total_limit,
        steps: options.keep?.() ?? [],
      });
    if (options.signal?.aborted) return;
    await nextTurn(); // signals, progress and finalizers run only between steps
  }
}
