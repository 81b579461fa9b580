import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { StepRecord } from "../run/records.ts";
import { alone, type Collectives, type Dtype, deriveSeed, scope, type Tensor } from "../tensor/index.ts";
import {
  type CheckpointState,
  completeCheckpoints,
  differences,
  type Environment,
  environment,
  loadWeights,
  openMoments,
  readState,
  saveCheckpoint,
} from "./checkpoint.ts";
import { giveUp, meet, PeerOutOfMemory } from "./distributed.ts";
import { type GradientRecord, gradientLog } from "./gradient-log.ts";
import { adamW, type Optimizer } from "./optimizer.ts";
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
  /**
   * The processes that train together, each with the same options; rank 0 reads and writes the checkpoints. A step's
   * micro-batches, `gradient_accumulation_steps` for each process, are dealt to them.
   */
  ranks?: Collectives;
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
  /** micro-batches of the step, those of all processes */
  microBatches: number;
  /** pieces that a micro-batch is cut into */
  pieces: number;
}

const inTurn = ({ objectives, settings }: TrainOptions, step: number): Objective[] =>
  settings.order === "alternating" ? [objectives[step % objectives.length]!] : [...objectives];

type Accumulated = StepResult & { gradients?: GradientRecord };

/** Adds the processes' results up. */
function total(results: readonly StepResult[]): StepResult {
  const sum: StepResult = { parts: {}, metrics: {}, tokens: 0 };
  for (const { parts, metrics, tokens } of results) {
    sum.tokens += tokens;
    for (const [name, part] of Object.entries(parts)) sum.parts[name] = (sum.parts[name] ?? 0) + part;
    for (const [name, own] of Object.entries(metrics)) {
      sum.metrics[name] ??= {};
      for (const [metric, value] of Object.entries(own))
        sum.metrics[name][metric] = (sum.metrics[name][metric] ?? 0) + value;
    }
  }
  return sum;
}

function accumulate({ options, tape, parameters, step, microBatches, pieces }: StepWork): Accumulated {
  const { model, objectives, settings, seed, compute, ranks = alone } = options;
  const turn = settings.order === "alternating" ? Math.floor(step / objectives.length) : step;
  const positions = Array.from({ length: microBatches }, (_, micro) => turn * microBatches + micro);
  const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
  const every = settings.log_gradients_steps;
  const log = every > 0 && (step + 1) % every === 0 ? gradientLog([...parameters.values()], ranks) : undefined;
  for (const objective of inTurn(options, step)) {
    const number = objectives.indexOf(objective);
    const forward = (index: number) =>
      model.config.hasDropout ? { dropoutSeed: deriveSeed(seed, step, index, number) } : {};
    ranks.phase(`step ${step + 1}, ${objective.name}`);
    runWindow({ tape, objective, positions, pieces, options: forward, compute, ranks }, result);
    log?.after(objective.name);
  }
  const gradients = log?.finish();
  ranks.phase(`step ${step + 1}, losses`);
  return { ...total(meet(ranks, result)), ...(gradients !== undefined && { gradients }) };
}

/** The step's gradients; where memory runs out, on any process, again with every micro-batch in twice as many pieces. */
function accumulateInMemory(work: StepWork): Accumulated & { pieces: number } {
  const { options, parameters, step } = work;
  for (let { pieces } = work; ; pieces *= 2) {
    try {
      return { ...accumulate({ ...work, pieces }), pieces };
    } catch (error) {
      const elsewhere = error instanceof PeerOutOfMemory;
      if (!elsewhere && !isOutOfMemory(error)) throw error;
      if (!elsewhere) giveUp(options.ranks ?? alone);
      if (pieces >= mostPieces) throw error;
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

interface Trained {
  parameters: ReadonlyMap<string, Tensor>;
  optimizer: Optimizer;
}

/** Micro-batches of a step, those of all processes; a run keeps what it began with, whatever processes continue it. */
export function microBatchesPerStep(
  { gradient_accumulation_steps: accumulation }: { gradient_accumulation_steps: number },
  { size }: { size: number },
  resumed: CheckpointState | undefined,
): number {
  // a checkpoint without the number is older than several processes
  return resumed === undefined ? accumulation * size : (resumed.micro_batches_per_step ?? accumulation);
}

/** Puts weights and moments back to the newest complete checkpoint, which rank 0 reads; all begin with rank 0's weights. */
function resumeFrom(options: TrainOptions, trained: Trained, here: Environment): CheckpointState | undefined {
  const { checkpoints, ranks = alone } = options;
  const { parameters, optimizer } = trained;
  const isRoot = ranks.rank === 0;
  ranks.phase("beginning", "all"); // each reads its model
  const newest = () => (checkpoints === undefined ? undefined : completeCheckpoints(checkpoints).at(-1));
  const saved = options.resume && isRoot ? newest() : undefined;
  const [state] = ranks.exchange(saved === undefined ? null : readState(checkpoints!, saved));
  if (saved !== undefined) loadWeights(checkpoints!, saved, parameters);
  const tensors = [...parameters.values()];
  ranks.broadcast(
    tensors,
    tensors.map(() => 0),
  );
  if (!state) return undefined;
  optimizer.restore(saved === undefined ? undefined : openMoments(checkpoints!, saved));
  const changed = differences(state.environment, here);
  if (changed.length > 0) options.notice?.(`resuming on another set-up, so bits may differ: ${changed.join("; ")}`);
  return state;
}

/** Rank 0 writes, with nothing to wait for but the disk; the others wait until it has. */
function save(options: TrainOptions, trained: Trained, state: CheckpointState): void {
  const { ranks = alone, settings } = options;
  ranks.phase(`step ${state.step}, checkpoint`, "rank 0");
  scope(() => {
    const moments = trained.optimizer.state();
    const keeping = { newest: settings.save_total_limit, steps: options.keep?.() ?? [] };
    const { parameters } = trained;
    if (ranks.rank === 0) saveCheckpoint(options.checkpoints!, state, { parameters, moments }, keeping);
  });
  ranks.barrier();
}

/**
 * Trains, yielding one record per optimizer step; a checkpoint follows the record that it covers. Batches, dropout and
 * schedule are pure functions of (seed, step), so a resumed run repeats an uninterrupted one bit for bit on the same
 * machine type, torch build and thread count. Several processes give the weights of one with all their micro-batches, but for
 * the order in which gradients are added.
 */
export async function* train(options: TrainOptions): AsyncGenerator<StepRecord, void, undefined> {
  const { model, objectives, settings, compute, checkpoints, ranks = alone } = options;
  const parameters = new Map(model.parameters().filter(([, tensor]) => tensor.requiresGrad));
  const trained: Trained = { parameters, optimizer: adamW(parameters, settings, ranks) };
  const here = environment(model.device, compute, ranks.size);
  const tape = settings.gradient_checkpointing ? checkpointedTape(model, compute) : plainTape(model);
  const state = resumeFrom(options, trained, here);
  let pieces = state?.pieces ?? 1;
  const microBatches = microBatchesPerStep(settings, ranks, state);
  // a run that ended early before it was interrupted has nothing left to do
  if (ranks.exchange(options.signal?.aborted === true).includes(true)) return;

  for (let step = state?.step ?? 0; step < settings.max_steps; step++) {
    const began = performance.now();
    const result = accumulateInMemory({ options, tape, parameters, step, microBatches, pieces });
    pieces = result.pieces;
    const lr = settings.learning_rate * learningRateFactor(settings.schedule, step, settings.max_steps);
    ranks.phase(`step ${step + 1}, gradients and weights`);
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
    ranks.phase(`step ${step + 1}, end`, "rank 0"); // which may have evaluated
    const stopped = ranks.exchange(options.signal?.aborted === true).includes(true);
    const due = (step + 1) % settings.save_steps === 0 || options.saveAt?.(step + 1);
    if (checkpoints !== undefined && (stopped || due || step + 1 === settings.max_steps))
      save(options, trained, { step: step + 1, pieces, micro_batches_per_step: microBatches, environment: here });
    if (stopped) return;
    await nextTurn(); // signals, progress and finalizers run only between steps
  }
}
