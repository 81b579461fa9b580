import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { hashSafetensors, openSafetensors, type SafetensorsFile } from "../tensor/index.ts";
import { readJsonObject } from "./config.ts";

const singleName = "model.safetensors";
const indexName = `${singleName}.index.json`;
const again = "Download or export the folder again.";

/** A file's own name, so that nothing outside of the folder is ever opened. */
const plainName = /^[^/\\:\0]+\.safetensors$/;

/** Which shard the index says holds each tensor. */
function readIndex(path: string): Map<string, string> {
  const map = readJsonObject(path).weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw new Error(`${path}: expected a "weight_map" object of tensor names and files. ${again}`);
  const entries = Object.entries(map as Record<string, unknown>);
  if (entries.length === 0) throw new Error(`${path}: the weight_map is empty. ${again}`);
  const wrong = entries.find(([, file]) => typeof file !== "string" || !plainName.test(file));
  if (wrong !== undefined)
    throw new Error(
      `${path}: ${JSON.stringify(wrong[1])} is not a safetensors file of this folder; it will not be read. Expected a name such as model-00001-of-00002.safetensors.`,
    );
  return new Map(entries as [string, string][]);
}

function shards(folder: string): string[] {
  const index = join(folder, indexName);
  const names = [...new Set(readIndex(index).values())].sort();
  const absent = names.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    throw new Error(
      `${index}: ${absent.slice(0, 4).join(", ")}${absent.length > 4 ? ` … (${absent.length} in all)` : ""} ${absent.length === 1 ? "is" : "are"} missing. ${again}`,
    );
  return names.map((name) => join(folder, name));
}

/** Weights in other formats, and why they are not read. */
const foreign: readonly [files: RegExp, why: (folder: string) => string][] = [
  [
    /^(pytorch_model.*\.bin|.*\.(pt|pth))$/,
    (folder) =>
      `, a pickle, which can run code and is never read. Convert it once with transformers: AutoModelForCausalLM.from_pretrained("${folder}").save_pretrained("…", safe_serialization=True).`,
  ],
  [/\.(gguf|ggml|onnx|h5|msgpack)$/, () => ", which is not read. Take the model in Hugging Face's safetensors format."],
  [
    /^adapter_model\.safetensors$/,
    () => ", which is a PEFT adapter: give it as the adapter (--adapter), and its base as the model.",
  ],
];

/**
 * The safetensors files of a Hugging Face model folder: model.safetensors, or else the shards of its index.
 * @throws Error when there are none, some are missing, or the index names anything else than a file of this folder
 */
export function weightFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Error(`${folder}: expected a Hugging Face model folder, there is none.`);
  // transformers, too, prefers the single file where both are there
  const single = join(folder, singleName);
  if (existsSync(single)) return [single];
  if (existsSync(join(folder, indexName))) return shards(folder);
  for (const [files, why] of foreign) {
    const found = readdirSync(folder).find((name) => files.test(name));
    if (found !== undefined) throw new Error(`${folder}: only ${found}${why(folder)}`);
  }
  throw new Error(`${folder}: expected ${singleName} or ${indexName}, found neither.`);
}

/** Every tensor must lie in one file, and where an index was followed, in the file that it names. */
function checkPlaces(folder: string, files: readonly SafetensorsFile[]): void {
  const where = new Map<string, string>();
  for (const { path, entries } of files) {
    for (const name of entries.keys()) {
      const other = where.get(name);
      if (other !== undefined) throw new Error(`${path}: tensor ${name} is in ${other} too. ${again}`);
      where.set(name, basename(path));
    }
  }
  if (where.size === 0) throw new Error(`${files[0]!.path}: the weights hold no tensor. ${again}`);
  if (basename(files[0]!.path) === singleName) return;
  const index = join(folder, indexName);
  const wrong = [...readIndex(index)].filter(([name, file]) => where.get(name) !== file);
  if (wrong.length === 0) return;
  const [name, file] = wrong[0]!;
  throw new Error(
    `${index}: tensor ${name} should be in ${file}, it is in ${where.get(name) ?? "none of the shards"}${wrong.length > 1 ? `; so with ${wrong.length} tensors` : ""}. ${again}`,
  );
}

/** Opens the weights of a model folder; headers and index are checked, the data stays untouched. */
export function openWeights(folder: string): SafetensorsFile[] {
  const files = weightFiles(folder).map(openSafetensors);
  checkPlaces(folder, files);
  return files;
}

/** sha256 over the folder's weights: what results are filed under. */
export const hashModel = (folder: string): string => hashSafetensors(weightFiles(folder));
