import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { loadModel, weightFiles } from "../models/load.ts";
import type { Model } from "../models/model.ts";
import { UsageError } from "../run/errors.ts";
import { readJson, runFolder } from "../run/folder.ts";
import type { ModelIdentity, RunRecord } from "../run/records.ts";
import { type Dtype, hashSafetensors } from "../tensor/index.ts";
import { loadTokenizer, type Tokenizer } from "../text/tokenizer.ts";

/** Weights that a lens looks at: where they are, and the name under which their rows are filed. */
export interface Subject {
  identity: ModelIdentity;
  /** Hugging Face folder */
  folder: string;
  /** PEFT adapter on it */
  adapter?: string;
}

/** A subject in memory. */
export interface OpenSubject extends Subject {
  model: Model;
  tokenizer: Tokenizer;
}

export interface SubjectPlaces {
  /** Hugging Face folders, and what they are called */
  models?: readonly { name: string; folder: string }[] | undefined;
  /** PEFT adapters, each looked at beside the first model that it changes */
  adapters?: readonly string[] | undefined;
  /** run folders of studies: the model before, and what training made of it */
  runs?: readonly string[] | undefined;
}

const adapterWeights = "adapter_model.safetensors";

function identify(folder: string, adapter: string | undefined, name: string, stage: number): Subject {
  if (adapter !== undefined && !existsSync(join(adapter, adapterWeights)))
    throw new UsageError(`${adapter}: expected a PEFT adapter with ${adapterWeights}.`);
  const files = [...weightFiles(folder), ...(adapter === undefined ? [] : [join(adapter, adapterWeights)])];
  return { identity: { name, hash: hashSafetensors(files), stage }, folder, ...(adapter !== undefined && { adapter }) };
}

function subjectsOfRun(path: string, first: number): Subject[] {
  const folder = runFolder(path);
  if (!existsSync(folder.run)) throw new UsageError(`${path}: expected a run folder with run.json.`);
  const { name, model } = readJson<RunRecord>(folder.run);
  const adapted = existsSync(join(folder.adapter, adapterWeights));
  const trained = existsSync(join(folder.model, "config.json"));
  const before = existsSync(model.path) ? [identify(model.path, undefined, model.name, first)] : [];
  if (adapted && before.length === 0)
    throw new UsageError(`${path}: the base model ${model.path} of its adapter is not there any more.`);
  const after = first + before.length;
  if (adapted) return [...before, identify(model.path, folder.adapter, name, after)];
  if (trained) return [...before, identify(folder.model, undefined, name, after)];
  if (before.length === 0)
    throw new UsageError(`${path}: neither its base model ${model.path} nor a trained one is there.`);
  return before;
}

/** An adapter's folder, or the run that made it. */
const adapterName = (path: string): string =>
  basename(resolve(path)) === "adapter" ? basename(dirname(resolve(path))) : basename(resolve(path));

/**
 * Everything that a lens is to look at, in order, equal weights once. The first is "before" and the last "after" where a report
 * needs two.
 * @throws UsageError when nothing was given or something is not there
 */
export function findSubjects({ models = [], adapters = [], runs = [] }: SubjectPlaces): Subject[] {
  const found = models.map(({ name, folder }, i) => identify(folder, undefined, name, i));
  if (adapters.length > 0 && found.length === 0)
    throw new UsageError("--adapter: its base model must be given too (--model).");
  for (const adapter of adapters) found.push(identify(found[0]!.folder, adapter, adapterName(adapter), found.length));
  for (const run of runs) found.push(...subjectsOfRun(run, found.length));
  if (found.length === 0) throw new UsageError("Nothing to look at. Give --model, or --run for both ends of a study.");
  return [...new Map(found.map((subject) => [subject.identity.hash, subject] as const)).values()].map(
    (subject, stage) => ({ ...subject, identity: { ...subject.identity, stage } }),
  );
}

/** Loads a subject, its weights in `dtype`; the caller disposes the model. */
export async function openSubject(subject: Subject, device: string, dtype: Dtype): Promise<OpenSubject> {
  const { folder, adapter } = subject;
  const [model, tokenizer] = await Promise.all([
    loadModel(folder, { device, dtype, ...(adapter !== undefined && { adapter }) }),
    loadTokenizer(folder),
  ]);
  return { ...subject, model, tokenizer };
}
