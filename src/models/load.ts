import { existsSync, readdirSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { type Dtype, hashSafetensors, openSafetensors, resolveDevice } from "../tensor/index.ts";
import { loadAdapter } from "./adapter.ts";
import { readConfig, readJsonObject } from "./config.ts";
import { readEndIds } from "./end-ids.ts";
import { families } from "./families.ts";
import { type Model, makeModel } from "./model.ts";
import { weightSource } from "./weights.ts";

export interface LoadOptions {
  /** default "auto" */
  device?: string;
  /** default "float32" */
  dtype?: Dtype;
  /** fresh copies instead of views of the mapped file; needed where weights will be trained */
  copy?: boolean;
  /** use the config's dropout rates in training passes; default false */
  dropout?: boolean;
  /** folder of a PEFT LoRA adapter */
  adapter?: string;
}

function shards(folder: string): string[] {
  const index = join(folder, "model.safetensors.index.json");
  const map = readJsonObject(index).weight_map;
  if (typeof map !== "object" || map === null) throw new Error(`${index}: expected a "weight_map" object.`);
  const names = [...new Set(Object.values(map).map(String))].sort();
  const outside = names.find((name) => normalize(name).startsWith("..") || name.includes("/") || name.includes("\\"));
  if (outside !== undefined) throw new Error(`${index}: ${outside} is not a file of this folder; it will not be read.`);
  const absent = names.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    throw new Error(
      `${index}: ${absent.join(", ")} ${absent.length === 1 ? "is" : "are"} missing. Download the folder again.`,
    );
  return names.map((name) => join(folder, name));
}

/** The safetensors files of a Hugging Face model folder. */
export function weightFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Error(`${folder}: expected a Hugging Face model folder, there is none.`);
  if (existsSync(join(folder, "model.safetensors.index.json"))) return shards(folder);
  const single = join(folder, "model.safetensors");
  if (existsSync(single)) return [single];
  const pickled = readdirSync(folder).some((name) => /^pytorch_model.*\.bin$/.test(name));
  throw new Error(
    pickled
      ? `${folder}: only pytorch_model.bin, a pickle, which can run code and is never read. Convert it once with transformers: AutoModelForCausalLM.from_pretrained("${folder}").save_pretrained("…", safe_serialization=True).`
      : `${folder}: expected model.safetensors or model.safetensors.index.json, found neither.`,
  );
}

/** sha256 over the folder's weights: what results are filed under. */
export const hashModel = (folder: string): string => hashSafetensors(weightFiles(folder));

/** Loads a Hugging Face model folder, or a hub id from the cache or the hub. Throws one message with everything that does not fit. */
export async function loadModel(model: string, options: LoadOptions = {}): Promise<Model> {
  const folder = await resolveModel(model);
  const files = weightFiles(folder).map(openSafetensors);
  const config = readConfig(folder);
  const family = families[String(config.raw.model_type) as keyof typeof families];
  if (family === undefined)
    throw new Error(
      `${config.path}: model_type is ${JSON.stringify(config.raw.model_type)}; supported: ${Object.keys(families).join(", ")}.`,
    );
  const device = resolveDevice(options.device);
  const source = weightSource(files, folder, {
    dtype: options.dtype ?? "float32",
    device,
    copy: options.copy ?? false,
  });
  const built = family(config, source, { device, dropout: options.dropout ?? false });
  source.finish();
  const loaded = makeModel(built, device, readEndIds(folder, config));
  if (options.adapter !== undefined) loadAdapter(loaded, options.adapter);
  return loaded;
}
