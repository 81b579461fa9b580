import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, ops, scope, writeSafetensors } from "../tensor/index.ts";
import { readJsonObject } from "./config.ts";
import type { Model } from "./model.ts";
import { isAdapterName } from "./parameters.ts";

/** Weights of another form than ours, and what only described them. */
const notCopied = /\.(safetensors|bin|pt|pth|msgpack|h5|onnx|gguf)$|^(model\.safetensors\.index\.json|config\.json)$/;

/**
 * Writes a Hugging Face folder: the model's weights as model.safetensors, `base`'s other files as they are, and `config`
 * (by default base's) with the weights' type. The folder appears whole or not at all, and is read back and compared before it does.
 */
export function saveModel(
  model: Model,
  folder: string,
  base: string,
  config = readJsonObject(join(base, "config.json")),
): void {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const name of readdirSync(base)) {
    if (!notCopied.test(name) && statSync(join(base, name)).isFile())
      copyFileSync(join(base, name), join(unfinished, name));
  }
  const weights = new Map(model.parameters().filter(([name]) => !isAdapterName(name)));
  const path = join(unfinished, "model.safetensors");
  writeSafetensors(path, weights);
  const dtype = weights.values().next().value!.dtype;
  writeFileSync(
    join(unfinished, "config.json"),
    `${JSON.stringify({ ...config, [config.torch_dtype === undefined ? "dtype" : "torch_dtype"]: dtype }, null, 2)}\n`,
  );
  const written = openSafetensors(path);
  for (const [name, tensor] of weights) {
    const equal = scope(() => ops.all(ops.eq(ops.toDevice(tensor, "cpu"), written.get(name))).item() === 1);
    if (!equal)
      throw new Error(`${folder}: ${name} reads back differently from what was written; the export is not kept.`);
  }
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(unfinished, folder);
}
