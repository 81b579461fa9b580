import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setupHash } from "../eval/setup-hash.ts";
import { loadModel, weightFiles } from "../models/load.ts";
import { writeReport } from "../report/write.ts";
import { writeJson } from "../run/atomic.ts";
import { openRun, type RunFolder, runFolder } from "../run/folder.ts";
import { type ModelIdentity, modelKey } from "../run/records.ts";
import { alone, hashSafetensors } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { alignStage } from "./align.ts";
import { exported } from "./exported.ts";
import { fullDisk } from "./full-disk.ts";
import { isMeasured, measureStage } from "./measure.ts";
import { prepare, type Stages, type Study, type StudyOptions } from "./prepare.ts";
import { makeRunRecord } from "./run-record.ts";
import type { Recipe } from "./schema.ts";
import { refuseUnlessBare, takeOver } from "./take-over.ts";
import { StoppedError, stopIfAsked } from "./watch.ts";

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
  if (isMeasured({ folder, identity, data: evaluation, settings: recipe.evaluate! })) return;
  options.watch.say(`measuring ${identity.name}`);
  const [model, tokenizer] = await Promise.all([
    loadModel(path, { device: recipe.device, dtype: recipe.dtype, ...(adapter !== undefined && { adapter }) }),
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
    setup: setupHash([path, ...(adapter === undefined ? [] : [adapter])]),
  };
  try {
    await measureStage({ ...shared, compute: recipe.dtype, batchTokens: recipe.batch_tokens });
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
  }
  model.dispose();
  if (options.watch.signal.aborted)
    throw new StoppedError("stopped; what was measured is kept, and the run continues with --resume");
}

async function runStages(study: Study, stages: Stages): Promise<void> {
  const { recipe, folder, base, training, options } = study;
  const { resume, watch, ranks = alone } = options;
  if (typeof recipe.model === "string") await measure(study, 0);
  if (training !== undefined) await alignStage(recipe, folder, training, { base, resume, watch, ranks });
  if (exported(folder) !== undefined) await measure(study, 1);
  if (stages.report) await writeReport(folder.path);
}

/** What the other ranks do while rank 0 runs a study: they wait until it has checked everything, and train along. */
async function followStudy(recipe: Recipe, folder: RunFolder, options: StudyOptions): Promise<void> {
  const ranks = options.ranks!;
  ranks.phase("reading the inputs", "rank 0");
  const [trains] = ranks.exchange(false);
  if (!trains) return;
  const stages = { measure: false, align: true, report: false };
  const { recipe: placed, base, training } = await prepare(recipe, folder, stages, options);
  await alignStage(placed, folder, training!, { ...options, base, ranks });
}

/** Removes files whose writer was killed before they had their name. */
function sweep({ path }: RunFolder): void {
  for (const name of readdirSync(path)) if (/\.[0-9a-f]{8}\.tmp$/.test(name)) rmSync(join(path, name));
}

/** What rank 0 does of a study, or a single process; `ready` is told whether there is training to do once all inputs are checked. */
async function leadStudy(
  recipe: Recipe,
  folder: RunFolder,
  stages: Stages,
  options: StudyOptions,
  ready: (trains: boolean) => void,
): Promise<void> {
  refuseUnlessBare(folder, options.resume);
  const study = await prepare(recipe, folder, stages, options);
  // of several ranks the others would wait; they hear it together, at the first step
  if (options.ranks === undefined || options.ranks.size === 1)
    await stopIfAsked(options.watch, "stopped before anything was written");
  const close = openRun(folder);
  try {
    sweep(folder);
    if (takeOver(folder, study.recipe, options.resume))
      options.watch.say(`${folder.path}: a run ended here before its first step; this one takes its place`);
    const sources = [...(study.training?.sources ?? []), ...(study.evaluation?.sources ?? [])];
    const data = [
      ...new Map(sources.map((source) => [`${source.role} ${source.path} ${source.language ?? ""}`, source])).values(),
    ];
    if (!existsSync(folder.run)) writeJson(folder.run, makeRunRecord(study.recipe, study.model, data));
    if (study.evidence !== undefined) writeJson(folder.lens(modelKey(study.evidence.model), "choose"), study.evidence);
    ready(study.training !== undefined);
    await runStages(study, stages);
  } finally {
    close();
  }
}

/**
 * Runs the stages of a recipe in its run folder: measure → align → measure → report. Each resumes where it stopped. Of several
 * ranks the first does so; the others only train along.
 */
export async function runStudy(recipe: Recipe, stages: Stages, options: StudyOptions): Promise<RunFolder> {
  const { ranks = alone } = options;
  const folder = runFolder(resolve(options.runs ?? "runs", recipe.name));
  if (ranks.rank > 0) {
    await followStudy(recipe, folder, options);
    return folder;
  }
  ranks.phase("reading the inputs", "rank 0");
  let told = false;
  const tell = (trains: boolean) => {
    if (!told) ranks.exchange(trains);
    told = true;
  };
  try {
    await leadStudy(recipe, folder, stages, options, tell);
  } catch (error) {
    throw fullDisk(error, folder);
  } finally {
    tell(false); // where something failed before, nobody waits for it
  }
  return folder;
}
