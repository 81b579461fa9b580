import { mergedWeight } from "../nn/index.ts";
import { noGrad, ops, scope } from "../tensor/index.ts";
import { linearLayers, modules } from "./adapter-targets.ts";
import type { Model } from "./model.ts";

/** What merging changed. */
export interface Merged {
  /** linear layers that an update was folded into */
  layers: number;
  /** modules that the adapter brought whole, by the library's names */
  modules: string[];
}

/** Folds every LoRA leaf into its weight, in the weight's type, and makes the adapter's own modules the model's. */
export function mergeAdapter(model: Model): Merged {
  const adapted = linearLayers(model).filter(({ node }) => node.lora !== undefined);
  for (const { node: layer } of adapted) {
    const merged = noGrad(() => scope(() => ops.contiguous(mergedWeight(layer))));
    const { a, b } = layer.lora!;
    for (const old of [layer.weight, a, b]) old.dispose();
    layer.weight = merged;
    delete layer.lora;
  }
  const saved = modules(model).filter(({ node }) => node.saved);
  for (const { node } of saved) delete node.saved;
  return { layers: adapted.length, modules: saved.map(({ name }) => name) };
}
