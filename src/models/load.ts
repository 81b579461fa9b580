import { resolveModel } from "../hub/resolve.ts";
import { type Dtype, resolveDevice, type SafetensorsFile } from "../tensor/index.ts";
import { type ConfigReader, readConfig } from "./config.ts";
import { readEndIds } from "./end-ids.ts";
import { families } from "./families.ts";
import { shown } from "./json-object.ts";
import { type Model, makeModel } from "./model.ts";
import { modelSizes } from "./sizes.ts";
import { openWeights } from "./weight-files.ts";
import { weightSource } from "./weights.ts";

export { hashModel, weightFiles } from "./weight-files.ts";

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

function familyOf({ path, raw }: ConfigReader) {
  const type = raw.model_type;
  if (typeof type !== "string" || !Object.hasOwn(families, type))
    throw new Error(`${path}: model_type is ${shown(raw.model_type)}; supported: ${Object.keys(families).join(", ")}.`);
  return families[type as keyof typeof families];
}

/** Refuses a config that is absurd or far from the weights before anything is read or allocated for it. */
function checkConfig(config: ConfigReader, files: readonly SafetensorsFile[]): void {
  if (config.raw.quantization_config !== undefined && config.raw.quantization_config !== null)
    throw new Error(
      `${config.path}: the weights are quantised, which is not read. Take the model they were made from.`,
    );
  const { layers, width } = modelSizes(config);
  const shapes = files.flatMap(({ entries }) => [...entries.values()].map(({ shape }) => shape));
  if (layers > shapes.length)
    throw new Error(`${config.path}: ${layers} layers, but the weights hold ${shapes.length} tensors.`);
  if (!shapes.some((shape) => shape.some((size) => size >= width)))
    throw new Error(`${config.path}: a width of ${width}, but no tensor of the weights is as wide.`);
}

/** Loads a Hugging Face model folder, or a hub id from the cache or the hub. Throws one message with everything that does not fit. */
export async function loadModel(model: string, options: LoadOptions = {}): Promise<Model> {
  const folder = await resolveModel(model);
  const config = readConfig(folder);
  const family = familyOf(config);
  const files = openWeights(folder);
  checkConfig(config, files);
  const device = resolveDevice(options.device);
  const source = weightSource(files, folder, {
    dtype: options.dtype ?? "float32",
    device,
    copy: options.copy ?? false,
  });
  const built = family(config, source, { device, dropout: options.dropout ?? false });
  source.finish();
  for (const file of files) file.close();
  const loaded = makeModel(built, device, readEndIds(folder, config));
  // the adapter's schema takes longer to import than a small model to load
  if (options.adapter !== undefined) (await import("./adapter.ts")).loadAdapter(loaded, options.adapter);
  return loaded;
}
