import { saveAdapter } from "../models/adapter.ts";
import { saveModel } from "../models/save.ts";
import { writeJson } from "../run/atomic.ts";
import { readLines } from "../run/lines.ts";
import type { StepRecord } from "../run/records.ts";
import { damage, loadWeights } from "../train/checkpoint.ts";
import type { DevelopmentRecord } from "../train/development.ts";
import { trainerState } from "../train/trainer-state.ts";
import type { Development } from "./development.ts";
import { loraOptions } from "./lora-options.ts";
import { stepsPerEpoch } from "./steps.ts";
import type { TrainingStage } from "./training-stage.ts";

/** Puts the best evaluated weights into the model, where the recipe asks for them. */
function takeBest({ recipe, folder, model, watch }: TrainingStage, development: Development): void {
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
  { recipe, folder, objectives, maxSteps, microBatches }: TrainingStage,
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

/** Writes what a finished training stage leaves: trainer_state.json, then model/ or adapter/. */
export function finishTraining(stage: TrainingStage, base: string, development: Development | undefined): void {
  const { recipe, folder, model } = stage;
  writeTrainerState(stage, development);
  if (development !== undefined) takeBest(stage, development);
  const { method } = recipe.train!;
  if (method.kind === "lora") saveAdapter(model, folder.adapter, { ...loraOptions(method), base });
  else saveModel(model, folder.model, base, typeof recipe.model === "string" ? undefined : recipe.model.config);
}
