import { attachLora, type LoraOptions } from "../models/adapter.ts";
import { linearLayers } from "../models/adapter-targets.ts";
import { loadModel } from "../models/load.ts";
import type { Model } from "../models/model.ts";
import { createModel } from "../models/scratch.ts";
import { copyTiedHead } from "../models/tied-head.ts";
import { trainBlocks, trainWithoutEmbeddings } from "../models/trained-tensors.ts";
import { UsageError } from "../run/errors.ts";
import { baseType } from "./base-type.ts";
import { loraOptions } from "./lora-options.ts";
import type { Recipe } from "./schema.ts";

/** Refuses targets that no layer answers to, with the names that there are. */
function checkTargets(model: Model, { targets }: LoraOptions): void {
  const linear = linearLayers(model).map(({ name }) => name);
  const isThere = (end: string) => linear.some((name) => name === end || name.endsWith(`.${end}`));
  // an expression of whole names is judged where it is used
  const absent = Array.isArray(targets) ? targets.filter((end) => !isThere(end)) : [];
  if (absent.length === 0) return;
  const ends = [...new Set(linear.map((name) => name.split(".").at(-1)!))];
  throw new Error(
    `train.method.targets: no linear layer of this ${model.config.family} model ends in ${absent.join(", ")}; expected some of ${ends.join(", ")}, or all-linear.`,
  );
}

/**
 * Marks what the recipe trains, adding LoRA leaves or a head of its own.
 * @throws UsageError where the model has no such layers
 */
export function markTrained(model: Model, { train, seed }: Pick<Recipe, "train" | "seed">): void {
  const { method } = train!;
  try {
    if (method.kind === "lora") checkTargets(model, loraOptions(method));
    if (method.kind === "lora") attachLora(model, loraOptions(method), seed);
    if (method.kind === "full" && method.untie_head) copyTiedHead(model);
    if (method.kind === "layers") trainBlocks(model, method.layers);
    else if (method.kind === "full" && method.freeze_embeddings) trainWithoutEmbeddings(model);
    else model.trainable(method.kind === "lora" ? "adapter" : "all");
  } catch (cause) {
    throw new UsageError(`train.method: ${(cause as Error).message.replace(/^train\.method\.?/, "")}`, { cause });
  }
}

/** The model to train, with the right tensors marked. `base` is the folder that tokenizer and config come from. */
export async function trainableModel(recipe: Recipe, base: string): Promise<Model> {
  const { method, dropout } = recipe.train!;
  const placement = { device: recipe.device, dropout };
  const model =
    typeof recipe.model === "string"
      ? await loadModel(base, { ...placement, dtype: baseType(recipe), copy: method.kind !== "lora" })
      : createModel(recipe.model.config, { ...placement, seed: recipe.seed });
  markTrained(model, recipe);
  return model;
}
