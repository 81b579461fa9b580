import { basename, resolve } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { hashModel, loadModel } from "../models/load.ts";
import type { Model } from "../models/model.ts";
import { createModel } from "../models/scratch.ts";
import { UsageError } from "../run/errors.ts";
import type { RunFolder } from "../run/folder.ts";
import type { LensFile, RunRecord } from "../run/records.ts";
import { type Collectives, setThreads } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { storedType } from "./base-type.ts";
import { type EvaluationData, readEvaluationData } from "./evaluation-data.ts";
import { exported } from "./exported.ts";
import { checkIds } from "./known-ids.ts";
import { placeContrastive } from "./place-contrastive.ts";
import { expandVariables } from "./read.ts";
import type { TrainingData } from "./reading.ts";
import type { Recipe } from "./schema.ts";
import { markTrained } from "./trainable-model.ts";
import { readTrainingData } from "./training-data.ts";
import type { Watch } from "./watch.ts";

/** Which stages of a recipe to run. */
export interface Stages {
  measure: boolean;
  align: boolean;
  report: boolean;
}

export interface StudyOptions {
  /** parent of the run folder; default runs/ in the working folder */
  runs?: string;
  resume: boolean;
  watch: Watch;
  /** the processes that train together; rank 0 does all else alone */
  ranks?: Collectives;
}

/** A recipe with all its inputs read and checked. */
export interface Study {
  recipe: Recipe;
  folder: RunFolder;
  /** folder of the base model's config and tokenizer */
  base: string;
  training: TrainingData | undefined;
  evaluation: EvaluationData | undefined;
  model: RunRecord["model"];
  /** why the contrastive objective is where it is, where `layer: auto` chose */
  evidence?: LensFile;
  options: StudyOptions;
}

/** The local folder of a recipe's model (config and tokenizer of a new one), downloaded where it is a hub id. */
async function baseFolder({ model }: Recipe, watch: Watch): Promise<string> {
  const given =
    typeof model === "string" ? expandVariables(model, "model") : expandVariables(model.tokenizer, "model.tokenizer");
  const bar = watch.progress(`download ${given}`);
  const folder = await resolveModel(given, bar.update);
  bar.finish();
  return resolve(folder);
}

/** Refuses what a recipe asks of a model that has no such layers, before a run folder is made. */
function checkLayers(model: Model, recipe: Recipe): void {
  const { layer } = recipe.train!.objectives.contrastive ?? { layer: 0 };
  const { layers } = model.config;
  if (typeof layer === "number" && layer > layers)
    throw new UsageError(
      `train.objectives.contrastive.layer: ${layer}: this model has layers 0 (embedding output) to ${layers}.`,
    );
  // a head of its own is a copy of the embedding, which needs no trial
  if (recipe.train!.method.kind !== "full") markTrained(model, recipe);
}

/** The base model as run.json names it, and how many positions it has; it must have what training asks for. */
async function describeBase(
  recipe: Recipe,
  base: string,
  trains: boolean,
): Promise<{ model: RunRecord["model"]; positions: number; vocabulary: number }> {
  const given = recipe.model;
  const model =
    typeof given === "string"
      ? await loadModel(base, { device: "cpu", dtype: storedType(base) }) // looked at, not run: nothing is converted
      : createModel(given.config, { device: "cpu", seed: recipe.seed });
  const parameters = model
    .parameters()
    .reduce((total, [, tensor]) => total + tensor.shape.reduce((product, n) => product * n, 1), 0);
  const { family, layers, width, maximumLength, vocabulary } = model.config;
  if (trains) checkLayers(model, recipe);
  model.dispose();
  const stored = () => ({ name: basename(base), path: base, hash: hashModel(base) });
  const place = typeof given === "string" ? stored() : { name: recipe.name, path: "from scratch", hash: "" };
  return { model: { ...place, family, parameters, layers, width }, positions: maximumLength, vocabulary };
}

/** Reads and checks every input of a study before anything is written. */
export async function prepare(given: Recipe, folder: RunFolder, stages: Stages, options: StudyOptions): Promise<Study> {
  if (stages.align && given.train === undefined) throw new UsageError("train: the recipe has no training stage.");
  if (given.threads !== undefined) setThreads(given.threads);
  const base = await baseFolder(given, options.watch);
  const open = stages.align && exported(folder) === undefined;
  const { recipe, evidence } = await placeContrastive(given, base, folder, options.watch);
  const { model, positions, vocabulary } = await describeBase(recipe, base, open);
  const evaluation =
    stages.measure && recipe.evaluate !== undefined
      ? await readEvaluationData(recipe.evaluate, { drop: recipe.evaluate.drop })
      : undefined;
  const training = open
    ? await readTrainingData(recipe, base, await loadTokenizer(base), positions, options.watch)
    : undefined;
  if (training !== undefined) checkIds(training.rows, vocabulary, base);
  return { recipe, folder, base, training, evaluation, model, ...(evidence && { evidence }), options };
}
