import { mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dtype, openSafetensors, ops, scope, type Tensor, writeSafetensors } from "../tensor/index.ts";
import { weightsToStore } from "./base-weights.ts";
import { carryFiles } from "./carried-files.ts";
import { readJsonObject } from "./config.ts";
import type { Model } from "./model.ts";
import { headName } from "./parameters.ts";
import { indexFile, mainDtype, planShards, type StoredTensor, singleFile, storedBytes } from "./shards.ts";

export interface SaveOptions {
  /** contents of config.json; the base's by default */
  config?: Readonly<Record<string, unknown>>;
  /** type on disk of one of the model's tensors; its own by default */
  dtypeOf?: (parameter: string) => Dtype;
  /** bytes of one file at most; by default the files are divided as the base's */
  shardBytes?: number;
}

/** What a folder of weights holds. */
export interface Written {
  files: string[];
  tensors: readonly StoredTensor[];
  bytes: number;
}

/** A text file that is on the disk when this returns. */
export const writeText = (path: string, text: string): void => writeFileSync(path, text, { flush: true });
const writeObject = (path: string, value: object) => writeText(path, `${JSON.stringify(value, null, 2)}\n`);

function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const gigabytes = (n: number) => (n / 1e9).toFixed(2);
  if (bavail * bsize < bytes)
    throw new Error(
      `${folder}: the weights need ${gigabytes(bytes)} GB, the disk has ${gigabytes(bavail * bsize)} GB left.`,
    );
}

/** Writes one file and reads it back: every tensor must be there bit for bit. */
function writeShard(path: string, weights: ReadonlyMap<string, Tensor>): void {
  writeSafetensors(path, weights);
  const written = openSafetensors(path);
  for (const [name, tensor] of weights) {
    const equal = scope(() => ops.all(ops.eq(tensor, written.get(name))).item() === 1);
    if (!equal) throw new Error(`${path}: ${name} reads back differently from what was written, or is not a number.`);
  }
}

/** config.json with what is true of these weights: their type, and a head of its own. Other keys stay as they are. */
function describe(
  config: Readonly<Record<string, unknown>>,
  tensors: readonly StoredTensor[],
  tiedHead: boolean,
): object {
  const typeKeys = ["dtype", "torch_dtype"].filter((key) => key in config);
  const dtype = mainDtype(tensors);
  // an encoder has no head of the kind that is tied
  const untied = !tiedHead && tensors.some(({ name }) => name.endsWith(`${headName}.weight`));
  return {
    ...config,
    ...Object.fromEntries((typeKeys.length > 0 ? typeKeys : ["dtype"]).map((key) => [key, dtype])),
    ...(untied && config.tie_word_embeddings !== false && { tie_word_embeddings: false }),
  };
}

/** Writes weights, config.json and `base`'s other files into a folder that is there. */
export function writeModelFolder(model: Model, folder: string, base: string, options: SaveOptions = {}): Written {
  const { config = readJsonObject(join(base, "config.json")), dtypeOf, shardBytes } = options;
  const weights = new Map(weightsToStore(model, base, dtypeOf).map((weight) => [weight.name, weight]));
  const tensors = [...weights.values()];
  const bytes = tensors.reduce((total, tensor) => total + storedBytes(tensor), 0);
  checkSpace(folder, bytes);
  const plan = planShards(tensors, base, shardBytes);
  const stored = (name: string): [string, Tensor] => {
    const { tensor, dtype } = weights.get(name)!;
    return [name, ops.toDevice(tensor, "cpu", dtype)];
  };
  for (const [file, names] of plan) scope(() => writeShard(join(folder, file), new Map(names.map(stored))));
  if (!plan.has(singleFile)) {
    const map = Object.fromEntries([...plan].flatMap(([file, names]) => names.map((name) => [name, file])));
    writeObject(join(folder, indexFile), { metadata: { total_size: bytes }, weight_map: map });
  }
  carryFiles(base, folder);
  writeObject(join(folder, "config.json"), describe(config, tensors, model.config.tiedHead));
  return { files: [...plan.keys()].sort(), tensors, bytes };
}

/** A folder that has another name until it is whole. */
export interface UnfinishedFolder {
  path: string;
  /** Gives it its name, in the place of what had it. */
  finish(): void;
  /** Removes it. */
  drop(): void;
}

export function unfinishedFolder(folder: string): UnfinishedFolder {
  const path = `${folder}.unfinished`;
  rmSync(path, { recursive: true, force: true });
  const made = mkdirSync(path, { recursive: true }) ?? path;
  return {
    path,
    finish() {
      rmSync(folder, { recursive: true, force: true });
      renameSync(path, folder);
    },
    drop: () => rmSync(made, { recursive: true, force: true }),
  };
}

/**
 * Writes a Hugging Face folder: the model's weights in their own type, `base`'s other files as they are, and `config` (by default
 * base's). The folder appears whole or not at all, and is read back and compared before it does.
 */
export function saveModel(
  model: Model,
  folder: string,
  base: string,
  config?: Readonly<Record<string, unknown>>,
): void {
  const place = unfinishedFolder(folder);
  try {
    writeModelFolder(model, place.path, base, config && { config });
    place.finish();
  } catch (error) {
    place.drop();
    throw error;
  }
}
