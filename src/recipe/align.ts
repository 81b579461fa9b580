import type { Objective } from "../objectives/objective.ts";
import type { RunFolder } from "../run/folder.ts";
import { alone, type Collectives } from "../tensor/index.ts";
import { loadTokenizer, type Tokenizer } from "../text/tokenizer.ts";
import { beginning } from "./beginning.ts";
import { describeCounts, describeSamples } from "./describe-rows.ts";
import { openDevelopment } from "./development.ts";
import { finishTraining } from "./finish-training.ts";
import { buildObjectives, rowsOf, type TrainingRows } from "./objectives.ts";
import { showSamples } from "./plan.ts";
import { describePreflight, preflight } from "./preflight.ts";
import type { TrainingData } from "./reading.ts";
import { runSteps } from "./run-steps.ts";
import type { Recipe } from "./schema.ts";
import { stepsOf } from "./steps.ts";
import { trainableModel } from "./trainable-model.ts";
import type { TrainingStage } from "./training-stage.ts";
import { holdOut } from "./validation-rows.ts";
import { stopIfAsked, type Watch } from "./watch.ts";

export { exported } from "./exported.ts";

interface AlignOptions {
  base: string;
  resume: boolean;
  watch: Watch;
  /** the processes that train together, each in this function; rank 0 alone evaluates and writes */
  ranks?: Collectives;
}

/** The model with what is trained marked, the objectives over the rows that are trained on, and over those held out. */
async function ready(
  recipe: Recipe,
  folder: RunFolder,
  { rows }: TrainingData,
  options: AlignOptions,
): Promise<{ stage: TrainingStage; validation: Objective[] }> {
  const settings = recipe.train!;
  const { base, resume, watch, ranks = alone } = options;
  const model = await trainableModel(recipe, base);
  const held = holdOut(rows, settings.development?.validation_share ?? 0, recipe.seed);
  const build = (wanted: typeof settings.objectives, some: TrainingRows) =>
    buildObjectives(wanted, some, { seed: recipe.seed, padId: model.config.padId ?? 0 });
  const validated = Object.fromEntries(
    Object.entries(settings.objectives).filter(([name]) => rowsOf(held.validation, name).length > 0),
  );
  const objectives = build(settings.objectives, held.training);
  const begun = beginning(folder, recipe, options);
  const maxSteps = stepsOf({ ...settings, gradient_accumulation_steps: begun.microBatches }, objectives);
  const stage = { recipe, folder, model, objectives, maxSteps, resume, ...begun, watch, ranks };
  return { stage, validation: build(validated, held.validation) };
}

/**
 * Shows before the first step what will be learned, tells what it will take, and refuses what cannot be done; a resumed run has
 * been through this.
 */
async function checkBefore(stage: TrainingStage, { rows, counts }: TrainingData, tokenizer: Tokenizer): Promise<void> {
  const { recipe, model, objectives, maxSteps: steps, folder, watch, ranks } = stage;
  watch.say(`rows by language:\n${describeCounts(counts)}`);
  watch.say(`first rows, ⟦read, not learned⟧:\n${describeSamples(await showSamples(tokenizer, rows))}`);
  const need = preflight(model, objectives, recipe.train!, { compute: recipe.dtype, steps, folder: folder.path });
  watch.say(describePreflight(need));
  if (ranks.size === 1) await stopIfAsked(watch, "stopped before the first step");
}

/** What rank 0 does, or a single process: everything that is told, evaluated and written. */
async function lead(stage: TrainingStage, validation: Objective[], data: TrainingData, base: string): Promise<void> {
  const { recipe, folder, model, from, maxSteps, watch } = stage;
  watch.say(from > 0 ? `resuming after step ${from} of ${maxSteps}` : `training for ${maxSteps} steps`);
  const tokenizer = await loadTokenizer(base);
  if (from === 0) await checkBefore(stage, data, tokenizer);
  const development =
    data.development &&
    (await openDevelopment({
      ...{ data: data.development, recipe, model, objectives: validation, path: folder.development, from, watch },
      tokenizer,
      last: maxSteps,
    }));
  try {
    await runSteps(stage, development);
  } finally {
    development?.close();
  }
  finishTraining(stage, base, development);
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
  const { stage, validation } = await ready(recipe, folder, data, options);
  if (stage.ranks.rank > 0) await runSteps(stage, undefined);
  else await lead(stage, validation, data, options.base);
  stage.model.dispose();
}
