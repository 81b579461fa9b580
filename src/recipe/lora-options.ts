import type { LoraOptions } from "../models/adapter.ts";
import type { MethodSettings } from "../train/settings.ts";

/** What an adapter is, from a recipe's `train.method`; a recipe counts blocks from 1, PEFT from 0. */
export function loraOptions(method: Extract<MethodSettings, { kind: "lora" }>): LoraOptions {
  const { rank, alpha, targets, dropout, rslora, rank_pattern, alpha_pattern, exclude, layers, modules_to_save } =
    method;
  return {
    ...{ rank, alpha, targets, dropout },
    ...(rslora && { rankStabilized: true }),
    ...(rank_pattern && { ranks: rank_pattern }),
    ...(alpha_pattern && { alphas: alpha_pattern }),
    ...(exclude && { exclude }),
    ...(layers && { blocks: layers.map((layer) => layer - 1) }),
    ...(modules_to_save && { modulesToSave: modules_to_save }),
  };
}
