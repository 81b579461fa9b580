import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { snapshotId } from "../hub/snapshot-id.ts";
import { linearSizes } from "../nn/index.ts";
import { deriveSeed, manualSeed, ops, scope, Tensor, writeSafetensors } from "../tensor/index.ts";
import { type AdapterConfig, type LoraOptions, readAdapterConfig } from "./adapter-config.ts";
import { type Module, rankAndScale, savedModules, targetedLayers } from "./adapter-targets.ts";
import { adapterTensors } from "./adapter-tensors.ts";
import type { Model } from "./model.ts";
import { adapterKey, headName, isAdapterName, savedKey } from "./parameters.ts";
import { untieHead } from "./tied-head.ts";

export type { AdapterConfig, LoraOptions } from "./adapter-config.ts";

/** Puts new tensors in the place of those below a module, which is the adapter's from then on. */
function replaceModule(module: Module, give: (path: string, old: Tensor) => Tensor): void {
  const visit = (node: object, path: string) => {
    for (const [key, value] of Object.entries(node)) {
      const inner = `${path}.${key}`;
      if (value instanceof Tensor) {
        (node as Record<string, unknown>)[key] = give(inner, value);
        value.dispose();
      } else if (typeof value === "object" && value !== null) visit(value, inner);
    }
  };
  visit(module.node, module.path);
  module.node.saved = true;
}

/** The modules that an adapter brings; where one end of a tied head is among them, the other keeps the base's weight. */
function modulesToReplace(model: Model, wanted: readonly string[]): Module[] {
  if (wanted.length === 0) return [];
  const embedding = model.unembedding().weight;
  const ends = savedModules(model, wanted).some(({ node }) => (node as { weight?: Tensor }).weight === embedding);
  if (ends || wanted.some((end) => headName.endsWith(end))) untieHead(model);
  return savedModules(model, wanted);
}

/**
 * Adds a LoRA leaf to the target layers: A is Kaiming-uniform as PEFT's (bound 1/√in), B is 0, so that nothing changes
 * before the first step. Seeded. Modules to save become float32 copies that an adapter trains and stores whole.
 */
export function attachLora(model: Model, options: LoraOptions, seed: number): void {
  const layers = targetedLayers(model, options);
  if (layers.length === 0)
    throw new Error(
      `LoRA targets ${[options.targets].flat().join(", ")}: no linear layer of this ${model.config.family} model ends so.`,
    );
  layers.forEach(({ node: layer, name }, index) => {
    manualSeed(deriveSeed(seed, index));
    const { output, input } = linearSizes(layer);
    const { rank, scale } = rankAndScale(options, name);
    const bound = 1 / Math.sqrt(input);
    const a = ops.zeros([rank, input], "float32", model.device);
    ops.uniformInto(a, -bound, bound);
    const b = ops.zeros([output, rank], "float32", model.device);
    layer.lora = { a, b, scale, dropout: options.dropout };
  });
  for (const module of modulesToReplace(model, options.modulesToSave ?? []))
    replaceModule(module, (_, old) => scope(() => ops.clone(ops.toDtype(old, "float32"))));
  model.config.hasDropout ||= options.dropout > 0;
}

/** Loads a PEFT LoRA adapter folder onto the model. Every tensor must land; what does not is told in one message. */
export function loadAdapter(model: Model, folder: string): AdapterConfig {
  const config = readAdapterConfig(folder);
  const tensors = adapterTensors(folder);
  const { omittedPrefix } = model;
  for (const { node: layer, path, name } of targetedLayers(model, config)) {
    const { output, input } = linearSizes(layer);
    const { rank, scale } = rankAndScale(config, name);
    const a = tensors.take(adapterKey(path, "A", omittedPrefix), [rank, input], layer.weight);
    const b = tensors.take(adapterKey(path, "B", omittedPrefix), [output, rank], layer.weight);
    if (a !== undefined && b !== undefined) layer.lora = { a, b, scale, dropout: 0 };
  }
  for (const module of modulesToReplace(model, config.modulesToSave ?? []))
    replaceModule(module, (path, old) => tensors.take(savedKey(path, omittedPrefix), old.shape, old) ?? old.retain());
  const problems = tensors.problems();
  if (problems.length > 0)
    throw new Error(
      `${folder}: the adapter does not fit this ${model.config.family} model${config.base === undefined ? "" : `; it was made for ${config.base}`}.\n  ${problems.join("\n  ")}`,
    );
  return config;
}

/** adapter_config.json with the keys that old and new PEFT know, and others only where they say something. */
function peftConfig(model: Model, { base, ...options }: LoraOptions & { base: string }): Record<string, unknown> {
  const hub = snapshotId(base);
  return {
    base_model_name_or_path: hub?.id ?? base,
    bias: "none",
    fan_in_fan_out: targetedLayers(model, options).some(({ node }) => node.transposed),
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: options.blockLists ?? null,
    layers_to_transform: options.blocks ?? null,
    lora_alpha: options.alpha,
    lora_dropout: options.dropout,
    modules_to_save: options.modulesToSave ?? null,
    peft_type: "LORA",
    r: options.rank,
    revision: hub?.revision ?? null,
    target_modules: options.targets,
    task_type: "CAUSAL_LM",
    ...(options.rankStabilized && { use_rslora: true }),
    ...(options.ranks && { rank_pattern: options.ranks }),
    ...(options.alphas && { alpha_pattern: options.alphas }),
    ...(options.exclude && { exclude_modules: options.exclude }),
  };
}

/** Writes the model's LoRA leaves and saved modules as a PEFT adapter folder; it appears whole or not at all. */
export function saveAdapter(model: Model, folder: string, options: LoraOptions & { base: string }): void {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeSafetensors(
    join(unfinished, "adapter_model.safetensors"),
    new Map(model.parameters().filter(([name]) => isAdapterName(name))),
  );
  writeFileSync(join(unfinished, "adapter_config.json"), `${JSON.stringify(peftConfig(model, options), null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}
