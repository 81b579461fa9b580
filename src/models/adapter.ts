import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Linear, linearSizes } from "../nn/index.ts";
import { deriveSeed, manualSeed, openSafetensors, ops, scope, Tensor, writeSafetensors } from "../tensor/index.ts";
import { readJsonObject } from "./config.ts";
import type { Model } from "./model.ts";
import { adapterKey, isAdapterName, type ParameterTree } from "./parameters.ts";

export interface LoraOptions {
  rank: number;
  alpha: number;
  /** last parts of the names of the linear layers that get an update, such as "q_proj" */
  targets: readonly string[];
  dropout: number;
}

/** The keys of PEFT's adapter_config.json that change what an adapter computes; other values than these are refused. */
const adapterConfig = z.object({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().default(0),
  target_modules: z.array(z.string()),
  use_rslora: z.boolean().default(false),
  use_dora: z.literal(false).default(false),
  // says how the base stores its weight, which the layer itself knows; PEFT too corrects a wrong value and goes on
  fan_in_fan_out: z.boolean().default(false),
  bias: z.literal("none").default("none"),
  modules_to_save: z.null().optional(),
  rank_pattern: z.record(z.string(), z.int().positive()).default({}),
  alpha_pattern: z.record(z.string(), z.number().positive()).default({}),
});

const isLinear = (node: object): node is Linear =>
  "weight" in node && node.weight instanceof Tensor && node.weight.shape.length === 2;

/** The value for a layer: of the pattern that its path ends with (PEFT matches them as regular expressions), else the common one. */
function patterned(pattern: Readonly<Record<string, number>>, path: string, common: number): number {
  const key = Object.keys(pattern).find((part) => new RegExp(`^(.*\\.)?(${part})$`).test(path));
  return key === undefined ? common : pattern[key]!;
}

/** α / r, or α / √r for rank-stabilised LoRA, with the layer's own α and r where patterns give them. */
function scaleOf(config: z.infer<typeof adapterConfig>, path: string): number {
  const rank = patterned(config.rank_pattern, path, config.r);
  return patterned(config.alpha_pattern, path, config.lora_alpha) / (config.use_rslora ? Math.sqrt(rank) : rank);
}

/** Every linear layer of a model with its path. */
export function linearLayers(tree: ParameterTree): [path: string, layer: Linear][] {
  const found: [string, Linear][] = [];
  const visit = (node: object, path: string) => {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== "object" || value === null || value instanceof Tensor) continue;
      const name = path === "" ? key : `${path}.${key}`;
      if (isLinear(value)) found.push([name, value]);
      else visit(value, name);
    }
  };
  visit(tree, "");
  return found;
}

/** Those whose name ends in one of `targets`. */
const matching = (tree: ParameterTree, targets: readonly string[]): [path: string, layer: Linear][] =>
  linearLayers(tree).filter(([path]) => targets.includes(path.slice(path.lastIndexOf(".") + 1)));

/**
 * Adds a LoRA leaf to the target layers: A is Kaiming-uniform as PEFT's (bound 1/√in), B is 0, so that nothing changes
 * before the first step. Seeded.
 */
export function attachLora(model: Model, options: LoraOptions, seed: number): void {
  const layers = matching(model.tree, options.targets);
  if (layers.length === 0)
    throw new Error(
      `LoRA targets ${options.targets.join(", ")}: no linear layer of this ${model.config.family} model ends so.`,
    );
  layers.forEach(([, layer], index) => {
    manualSeed(deriveSeed(seed, index));
    const { output, input } = linearSizes(layer);
    const bound = 1 / Math.sqrt(input);
    const a = ops.zeros([options.rank, input], "float32", model.device);
    ops.uniformInto(a, -bound, bound);
    const b = ops.zeros([output, options.rank], "float32", model.device);
    layer.lora = { a, b, scale: options.alpha / options.rank, dropout: options.dropout };
  });
  model.config.hasDropout ||= options.dropout > 0;
}

/** Loads a PEFT LoRA adapter folder onto the model. Every tensor must land; what does not is told in one message. */
export function loadAdapter(model: Model, folder: string): void {
  const configPath = join(folder, "adapter_config.json");
  if (!existsSync(configPath))
    throw new Error(`${folder}: expected a PEFT adapter folder, found no adapter_config.json in it.`);
  const parsed = adapterConfig.safeParse(readJsonObject(configPath));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `${configPath}: ${issue!.path.join(".")}: ${issue!.message}. Only plain LoRA adapters are supported.`,
    );
  }
  const config = parsed.data;
  const file = openSafetensors(join(folder, "adapter_model.safetensors"));
  const unused = new Set(file.entries.keys());
  const missing: string[] = [];
  for (const [path, layer] of matching(model.tree, config.target_modules)) {
    const keys = ["A", "B"].map((part) => adapterKey(path, part, model.omittedPrefix));
    const absent = keys.filter((key) => !unused.delete(key));
    missing.push(...absent);
    if (absent.length > 0) continue;
    const [a, b] = keys.map((key) =>
      scope(() => ops.toDevice(ops.clone(file.get(key)), model.device, layer.weight.dtype)),
    ) as [Tensor, Tensor];
    layer.lora = { a, b, scale: scaleOf(config, path), dropout: 0 };
  }
  const problems = [
    missing.length > 0 && `missing: ${missing.join(", ")}`,
    unused.size > 0 && `no place in the model: ${[...unused].join(", ")}`,
  ].filter(Boolean);
  if (problems.length > 0)
    throw new Error(
      `${folder}: the adapter does not fit this ${model.config.family} model.\n  ${problems.join("\n  ")}`,
    );
}

/** Writes the model's LoRA leaves as a PEFT adapter folder, with only the keys that old and new PEFT know. */
export function saveAdapter(model: Model, folder: string, options: LoraOptions & { base: string }): void {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeSafetensors(
    join(unfinished, "adapter_model.safetensors"),
    new Map(model.parameters().filter(([name]) => isAdapterName(name))),
  );
  const config = {
    base_model_name_or_path: options.base,
    bias: "none",
    fan_in_fan_out: matching(model.tree, options.targets).some(([, layer]) => layer.transposed),
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: options.alpha,
    lora_dropout: options.dropout,
    modules_to_save: null,
    peft_type: "LORA",
    r: options.rank,
    revision: null,
    target_modules: options.targets,
    task_type: "CAUSAL_LM",
  };
  writeFileSync(join(unfinished, "adapter_config.json"), `${JSON.stringify(config, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}
