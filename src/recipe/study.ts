import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { attachLora, type LoraOptions } from "../models/adapter.ts";
import { hashModel, loadModel, weightFiles } from "../models/load.ts";
import { isAdapterName } from "../models/parameters.ts";
import { createModel } from "../models/scratch.ts";
import { writeReport } from "../report/write.ts";
import { writeJson } from "../run/atomic.ts";
import { UsageError } from "../run/errors.ts";
import { openRun, type RunFolder, readJson, refuseExisting, runFolder } from "../run/folder.ts";
import type { ModelIdentity, RunRecord } from "../run/records.ts";
import { hashSafetensors, setThreads } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { alignStage, exported } from "./align.ts";
import { type EvaluationData, readEvaluationData } from "./evaluation-data.ts";
import { measureStage } from "./measure.ts";
import { planTraining, type TrainingPlan } from "./plan.ts";
import { expandVariables } from "./read.ts";
import { checkSameRecipe, makeRunRecord } from "./run-record.ts";
import type { Recipe } from "./schema.ts";
import { readTrainingData, type TrainingData } from "./training-data.ts";
import { StoppedError, type Watch } from "./watch.ts";

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
}

interface Study {
  recipe: Recipe;
  folder: RunFolder;
  /** folder of the base model's config and tokenizer */
  base: string;
  training: TrainingData | undefined;
  evaluation: EvaluationData | undefined;
  model: RunRecord["model"];
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
async function prepare(recipe: Recipe, folder: RunFolder, stages: Stages, options: StudyOptions): Promise<Study> {
  if (stages.align && recipe.train === undefined) throw new UsageError("train: the recipe has no training stage.");
  const base = await baseFolder(recipe, options.watch);
  const { model, positions } = await describeBase(recipe, base);
  const evaluation =
    stages.measure && recipe.evaluate !== undefined ? await readEvaluationData(recipe.evaluate) : undefined;
  const open = stages.align && exported(folder) === undefined;
  const training = open
    ? await readTrainingData(recipe, await loadTokenizer(base), positions, options.watch)
    : undefined;
  return { recipe, folder, base, training, evaluation, model, options };
}

/** Names the weights of a stage: the base model, or what training exported. */
function identify(
  { recipe, folder, base, model }: Study,
  stage: number,
): { identity: ModelIdentity; path: string; adapter?: string } {
  if (stage === 0) return { identity: { name: model.name, hash: model.hash, stage }, path: base };
  const after = exported(folder)!;
  const files =
    after.adapter === undefined
      ? weightFiles(after.model!)
      : [...weightFiles(base), join(after.adapter, "adapter_model.safetensors")];
  const identity = { name: recipe.name, hash: hashSafetensors(files), stage };
  return { identity, path: after.model ?? base, ...(after.adapter !== undefined && { adapter: after.adapter }) };
}

async function measure(study: Study, stage: number): Promise<void> {
  const { recipe, folder, evaluation, options } = study;
  if (evaluation === undefined) return;
  const { identity, path, adapter } = identify(study, stage);
  options.watch.say(`measuring ${identity.name}`);
  const [model, tokenizer] = await Promise.all([
    loadModel(path, { device: recipe.device, ...(adapter !== undefined && { adapter }) }),
    loadTokenizer(path),
  ]);
  const shared = {
    model,
    tokenizer,
    identity,
    data: evaluation,
    settings: recipe.evaluate!,
    folder,
    watch: options.watch,
  };
  await measureStage({ ...shared, compute: recipe.dtype, batchTokens: recipe.batch_tokens });
  model.dispose();
  if (options.watch.signal.aborted) throw new StoppedError("stopped; the run continues with --resume");
}

async function runStages(study: Study, stages: Stages): Promise<void> {
  const { recipe, folder, base, training, options } = study;
  const { resume, watch } = options;
  if (typeof recipe.model === "string") await measure(study, 0);
  if (training !== undefined) {
    watch.say(`training for ${recipe.train!.max_steps} steps`);
    await alignStage(recipe, folder, training.rows, { base, resume, watch });
  }
  if (exported(folder) !== undefined) await measure(study, 1);
  if (stages.report) await writeReport(folder.path);
}

/** What the training stage would do; nothing is written. */
export async function planStudy(recipe: Recipe, watch: Watch): Promise<TrainingPlan> {
  const nowhere = runFolder(resolve("runs", recipe.name, "plan"));
  const study = await prepare(
    recipe,
    nowhere,
    { measure: false, align: true, report: false },
    { resume: false, watch },
  );
  const { method } = recipe.train!;
  const { parameters } = study.model;
  const trained = method.kind === "full" ? parameters : await countLora(study.base, method);
  return planTraining(recipe, study.training!.rows, await loadTokenizer(study.base), { parameters, trained });
}

async function countLora(base: string, method: LoraOptions): Promise<number> {
  const model = await loadModel(base, { device: "cpu" });
  attachLora(model, method, 0);
  const added = model.parameters().filter(([name]) => isAdapterName(name));
  const count = added.reduce((total, [, { shape }]) => total + shape.reduce((product, n) => product * n, 1), 0);
  model.dispose();
  return count;
}

/** Runs the stages of a recipe in its run folder: measure → align → measure → report. Each resumes where it stopped. */
export async function runStudy(recipe: Recipe, stages: Stages, options: StudyOptions): Promise<RunFolder> {
  if (recipe.threads !== undefined) setThreads(recipe.threads);
  const path = resolve(options.runs ?? "runs", recipe.name);
  const folder = runFolder(path);
  refuseExisting(folder, options.resume);
  const study = await prepare(recipe, folder, stages, options);
  const close = openRun(folder);
  try {
    const sources = [...(study.training?.sources ?? []), ...(study.evaluation?.sources ?? [])];
    const data = [
      ...new Map(sources.map((source) => [`${source.role} ${source.path} ${source.language ?? ""}`, source])).values(),
    ];
    if (existsSync(folder.run)) checkSameRecipe(readJson<RunRecord>(folder.run), recipe, path);
    else writeJson(folder.run, makeRunRecord(recipe, study.model, data));
    await runStages(study, stages);
    return folder;
  } finally {
    close();
  }
}
