import { existsSync } from "node:fs";
import { saveAdapter } from "../models/adapter.ts";
import type { Model } from "../models/model.ts";
import { saveModel } from "../models/save.ts";
import type { Objective } from "../objectives/objective.ts";
import { writeJson } from "../run/atomic.ts";
import type { RunFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import type { StepRecord } from "../run/records.ts";
import { alone, type Collectives } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { completeCheckpoints, damage, loadWeights, readState, setAside } from "../train/checkpoint.ts";
import type { DevelopmentRecord } from "../train/development.ts";
import { microBatchesPerStep, train } from "../train/trainer.ts";
import { trainerState } from "../train/trainer-state.ts";
import { type Development, openDevelopment } from "./development.ts";
import { loraOptions } from "./lora-options.ts";
import { buildObjectives, rowsOf, type TrainingRows } from "./objectives.ts";
import { describePreflight, preflight } from "./preflight.ts";
import type { TrainingData } from "./reading.ts";
import type { Recipe } from "./schema.ts";
import { stepsOf, stepsPerEpoch } from "./steps.ts";
import { trainableModel } from "./trainable-model.ts";
import { openTrainingLog } from "./training-log.ts";
import { holdOut } from "./validation-rows.ts";
import { StoppedError, type Watch } from "./watch.ts";

/** The exported model or adapter of a finished run, or undefined. */
export function exported(folder: RunFolder): { model?: string; adapter?: string } | undefined {
  if (existsSync(folder.model)) return { model: folder.model };
  return existsSync(folder.adapter) ? { adapter: folder.adapter } : undefined;
}

interface Stage {
  recipe: Recipe;
  folder: RunFolder;
  model: Model;
  objectives: Objective[];
  maxSteps: number;
  resume: boolean;
  /** the step that training continues after */
  from: number;
  /** micro-batches per step, those of all processes */
  microBatches: number;
  watch: Watch;
  ranks: Collectives;
}

/** The optimizer steps; ends early where the development data says so. */
async function runSteps(stage: Stage, development: Development | undefined): Promise<void> {
  const { recipe, folder, model, objectives, maxSteps, resume, from, watch, ranks } = stage;
  const log = ranks.rank === 0 ? openTrainingLog(folder, from) : undefined;
  const bar = watch.progress("train");
  const enough = new AbortController();
  const end = (step: number, reason: string | undefined) => {
    if (reason === undefined) return;
    watch.say(`ending after step ${step}: ${reason}`);
    enough.abort();
  };
  end(from, development?.ended(from));
  try {
    const steps = train({
      model,
      objectives,
      settings: { ...recipe.train!, max_steps: maxSteps },
      seed: recipe.seed,
      compute: recipe.dtype,
      checkpoints: folder.checkpoints,
      resume,
      signal: AbortSignal.any([watch.signal, enough.signal]),
      saveAt: (step) => step % (recipe.train!.development?.eval_steps ?? Number.POSITIVE_INFINITY) === 0,
      keep: () => [development?.best()?.step ?? []].flat(),
      notice: watch.say,
      ranks,
    });
    for await (const record of steps) {
      if (log === undefined) continue;
      log.append(record);
      bar.update(record.step, maxSteps, log.note(record));
      if (development?.due(record.step) === true) end(record.step, await development.evaluate(record.step));
    }
  } finally {
    bar.finish();
    log?.close();
  }
  ranks.phase("after the last step", "rank 0");
  if (ranks.exchange(watch.signal.aborted).includes(true))
    throw new StoppedError(`stopped; the run continues with --resume`);
}

/** Puts the best evaluated weights into the model, where the recipe asks for them. */
function takeBest({ recipe, folder, model, watch }: Stage, development: Development): void {
  const settings = recipe.train!.development!;
  const rollsBack = settings.guard?.action === "roll_back";
  const found = development.best();
  if (found === undefined && rollsBack)
    throw new Error(
      "train.development.guard: no evaluated checkpoint stayed within the budget, so none is exported. Lower train.learning_rate, add replay (train.objectives.text), or evaluate earlier (eval_steps).",
    );
  if (found === undefined || !(settings.load_best || rollsBack)) return;
  const problem = damage(folder.checkpoints, found.step);
  if (problem !== undefined) throw new Error(`${folder.checkpoints}: the best checkpoint is damaged: ${problem}.`);
  const parameters = new Map(model.parameters().filter(([, tensor]) => tensor.requiresGrad));
  loadWeights(folder.checkpoints, found.step, parameters);
  watch.say(
    `exporting step ${found.step}, the best by ${settings.metric} (${found.metrics[settings.metric]!.toFixed(4)})`,
  );
}

function writeTrainerState(
  { recipe, folder, objectives, maxSteps, microBatches }: Stage,
  development: Development | undefined,
): void {
  const { save_steps, development: settings } = recipe.train!;
  const state = trainerState({
    records: readLines<StepRecord>(folder.log),
    evaluations: readLines<DevelopmentRecord>(folder.development),
    best: development?.best(),
    metric: settings?.metric ?? "loss",
    maxSteps,
    saveSteps: save_steps,
    evalSteps: settings?.eval_steps,
    stepsPerEpoch: stepsPerEpoch(objectives, microBatches),
  });
  writeJson(folder.trainerState, state);
}

interface AlignOptions {
  base: string;
  resume: boolean;
  watch: Watch;
  /** the processes that train together, each in this function; rank 0 alone evaluates and writes */
  ranks?: Collectives;
}

/** The newest checkpoint whose files are as they were written; damaged ones that are newer are set aside. */
function newestSound({ checkpoints }: RunFolder, { say }: Watch): number | undefined {
  for (const step of completeCheckpoints(checkpoints).reverse()) {
    const problem = damage(checkpoints, step);
    if (problem === undefined) return step;
    say(`the checkpoint of step ${step} is damaged (${problem}); it is now ${setAside(checkpoints, step)}`);
  }
  return undefined;
}

/** Where training begins, as rank 0 sees it. */
function beginning(folder: RunFolder, recipe: Recipe, { resume, watch, ranks = alone }: AlignOptions) {
  const newest = resume && ranks.rank === 0 ? newestSound(folder, watch) : undefined;
  const state = newest === undefined ? undefined : readState(folder.checkpoints, newest);
  const own = { from: newest ?? 0, microBatches: microBatchesPerStep(recipe.train!, ranks, state) };
  ranks.phase("beginning", "all"); // each reads the data
  return ranks.exchange(own)[0]!;
}

/** Writes what a finished training stage leaves: trainer_state.json, then model/ or adapter/. */
function finish(stage: Stage, base: string, development: Development | undefined): void {
  const { recipe, folder, model } = stage;
  writeTrainerState(stage, development);
  if (development !== undefined) takeBest(stage, development);
  const { method } = recipe.train!;
  if (method.kind === "lora") saveAdapter(model, folder.adapter, { ...loraOptions(method), base });
  else saveModel(model, folder.model, base, typeof recipe.model === "string" ? undefined : recipe.model.config);
}

/**
 * The training stage: log.jsonl, checkpoints/, then model/ or adapter/. With `resume` it continues from the newest complete
 * checkpoint, the log cut to its step. Throws StoppedError when the signal fired; the checkpoint is written by then.
 */
export async function alignStage(
  recipe: Recipe,
  folder: RunFolder,
  data: TrainingData,
  options: AlignOptions,
): Promise<void> {
  const settings = recipe.train!;
  const { base, resume, watch, ranks = alone } = options;
  const model = await trainableModel(recipe, base);
  const held = holdOut(data.rows, settings.development?.validation_share ?? 0, recipe.seed);
  const build = (wanted: typeof settings.objectives, some: TrainingRows) =>
    buildObjectives(wanted, some, { seed: recipe.seed, padId: model.config.padId ?? 0 });
  const validated = Object.fromEntries(
    Object.entries(settings.objectives).filter(([name]) => rowsOf(held.validation, name).length > 0),
  );
  const objectives = build(settings.objectives, held.training);
  const { from, microBatches } = beginning(folder, recipe, options);
  const maxSteps = stepsOf({ ...settings, gradient_accumulation_steps: microBatches }, objectives);
  watch.say(from > 0 ? `resuming after step ${from} of ${maxSteps}` : `training for ${maxSteps} steps`);
  const stage: Stage = { recipe, folder, model, objectives, maxSteps, resume, from, microBatches, watch, ranks };
  if (ranks.rank > 0) {
    await runSteps(stage, undefined);
    model.dispose();
    return;
  }
  // a resumed run has been through this
  if (from === 0)
    watch.say(
      describePreflight(
        preflight(model, objectives, settings, { compute: recipe.dtype, steps: maxSteps, folder: folder.path }),
      ),
    );
  const development =
    data.development &&
    (await openDevelopment({
      data: data.development,
      recipe,
      model,
      tokenizer: await loadTokenizer(base),
      objectives: build(validated, held.validation),
      path: folder.development,
      from,
      last: maxSteps,
      watch,
    }));
  try {
    await runSteps(stage, development);
  } finally {
    development?.close();
  }
  finish(stage, base, development);
  model.dispose();
}
