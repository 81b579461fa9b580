import { basename, resolve } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { hashModel, loadModel } from "../models/load.ts";
import { createModel } from "../models/scratch.ts";
import { UsageError } from "../run/errors.ts";
import type { RunFolder } from "../run/folder.ts";
import type { LensFile, RunRecord } from "../run/records.ts";
import { type Collectives, setThreads } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { exported } from "./align.ts";
import { type EvaluationData, readEvaluationData } from "./evaluation-data.ts";
import { placeContrastive } from "./place-contrastive.ts";
import { expandVariables } from "./read.ts";
import type { TrainingData } from "./reading.ts";
import type { Recipe } from "./schema.ts";
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

/** The base model as run.json names it, and how many positions it has. */
async function describeBase(recipe: Recipe, base: string): Promise<{ model: RunRecord["model"]; positions: number }> {
  const given = recipe.model;
  const model =
    typeof given === "string"
      ? await loadModel(base, { device: "cpu" })
      : createModel(given.config, { device: "cpu", seed: recipe.seed });
  const parameters = model
    .parameters()
    .reduce((total, [, tensor]) => total + tensor.shape.reduce((product, n) => product * n, 1), 0);
  const { family, layers, width, maximumLength } = model.config;
  model.dispose();
  const stored = () => ({ name: basename(base), path: base, hash: hashModel(base) });
  const place = typeof given === "string" ? stored() : { name: recipe.name, path: "from scratch", hash: "" };
  return { model: { ...place, family, parameters, layers, width }, positions: maximumLength };
}

/** Reads and checks every input of a study before anything is written. */
export async function prepare(given: Recipe, folder: RunFolder, stages: Stages, options: StudyOptions): Promise<Study> {
  if (stages.align && given.train === undefined) throw new UsageError("train: the recipe has no training stage.");
  if (given.threads !== undefined) setThreads(given.threads);
  const base = await baseFolder(given, options.watch);
  const { recipe, evidence } = await placeContrastive(given, base, folder, options.watch);
  const { model, positions } = await describeBase(recipe, base);
  const evaluation =
    stages.measure && recipe.evaluate !== undefined ? await readEvaluationData(recipe.evaluate) : undefined;
  const open = stages.align && exported(folder) === undefined;
  const training = open
    ? await readTrainingData(recipe, base, await loadTokenizer(base), positions, options.watch)
    : undefined;
  return { recipe, folder, base, training, evaluation, model, ...(evidence && { evidence }), options };
}
