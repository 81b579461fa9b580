import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonObject } from "./config.ts";

/** What a LoRA adapter is, apart from its weights. Names of modules are the library's, matched as PEFT matches them. */
export interface LoraOptions {
  rank: number;
  alpha: number;
  /** linear layers that get an update: ends of their names such as "q_proj", one regular expression of whole names, or "all-linear" */
  targets: readonly string[] | string;
  /** probability of dropping an input of A while training */
  dropout: number;
  /** the update is scaled by α / √r instead of α / r (rank-stabilised LoRA, Kalajdzievski 2023) */
  rankStabilized?: boolean;
  /** own rank or α of the layers whose name ends with a regular expression */
  ranks?: Readonly<Record<string, number>>;
  alphas?: Readonly<Record<string, number>>;
  /** layers that `targets` means and that get none */
  exclude?: readonly string[] | string;
  /** numbers of the only blocks that get updates */
  blocks?: readonly number[];
  /** names of the lists that those numbers count in; any list by default */
  blockLists?: readonly string[];
  /** ends of the names of modules that are trained and stored whole */
  modulesToSave?: readonly string[];
}

/** What the base model of an adapter is called, where its config says so. */
export type AdapterConfig = LoraOptions & { base?: string };

const names = z.array(z.string());
const pattern = z.record(z.string(), z.number().positive());

/** The keys of PEFT's adapter_config.json that we carry out; null and absence mean the default, as old files leave keys out. */
const understood = z.object({
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().nullish(),
  target_modules: z.union([names, z.string()]),
  use_rslora: z.boolean().nullish(),
  rank_pattern: pattern.nullish(),
  alpha_pattern: pattern.nullish(),
  exclude_modules: z.union([names, z.string()]).nullish(),
  layers_to_transform: z.union([z.array(z.int()), z.int()]).nullish(),
  layers_pattern: z.union([names, z.string()]).nullish(),
  modules_to_save: names.nullish(),
  base_model_name_or_path: z.string().nullish(),
});

/** Keys that change nothing about what a stored adapter computes, and those judged by `refusals` on their own. */
const harmless = new Set([
  ...Object.keys(understood.shape),
  "auto_mapping",
  "bias",
  "corda_config",
  "ensure_weight_tying",
  "eva_config",
  // says how the base stores its weight, which the layer itself knows; PEFT too corrects a wrong value and goes on
  "fan_in_fan_out",
  "inference_mode",
  "init_lora_weights",
  "loftq_config",
  "lora_ga_config",
  "megatron_core",
  "peft_type",
  "peft_version",
  "qalora_group_size",
  "revision",
  "task_type",
]);

/** PEFT's initializations that leave the base model's weights alone; the others replace them by a remainder. */
const plainInitializations = ["gaussian", "eva", "orthogonal"];

const isSet = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);

/** What the config asks for and this program does not do, in words. */
function refusals(raw: Readonly<Record<string, unknown>>): string[] {
  const { bias, init_lora_weights: start, ensure_weight_tying: tying, modules_to_save: saved } = raw;
  const shown = (key: string) => `${key}: ${JSON.stringify(raw[key])}`;
  const unknown = Object.keys(raw).filter((key) => !harmless.has(key) && isSet(raw[key]));
  return [
    ...(isSet(bias) && bias !== "none" ? [shown("bias")] : []),
    ...(typeof start === "string" && !plainInitializations.includes(start) ? [shown("init_lora_weights")] : []),
    ...(isSet(tying) && isSet(saved) ? [shown("ensure_weight_tying")] : []),
    ...unknown.map(shown),
  ];
}

const asList = <T>(value: readonly T[] | T): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Drops what is absent, null or empty, so that an option that is there says something. */
const present = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value))) as T;

function optionsOf(config: z.infer<typeof understood>): AdapterConfig {
  const { layers_to_transform: blocks, layers_pattern: lists } = config;
  return {
    rank: config.r,
    alpha: config.lora_alpha,
    targets: config.target_modules,
    dropout: config.lora_dropout ?? 0,
    ...present({
      rankStabilized: config.use_rslora,
      ranks: config.rank_pattern,
      alphas: config.alpha_pattern,
      exclude: config.exclude_modules,
      blocks: typeof blocks === "number" ? [blocks] : blocks,
      blockLists: lists && asList(lists),
      modulesToSave: config.modules_to_save,
      base: config.base_model_name_or_path,
    } as Partial<AdapterConfig>),
  };
}

/**
 * Reads a PEFT adapter's config. Other kinds than LoRA, and settings that would change what it computes and that this program
 * does not know, are refused by name.
 */
export function readAdapterConfig(folder: string): AdapterConfig {
  const path = join(folder, "adapter_config.json");
  if (!existsSync(path))
    throw new Error(`${folder}: expected a PEFT adapter folder, found no adapter_config.json in it.`);
  const raw = readJsonObject(path);
  const remedy = "Merge it with PEFT (merge_and_unload) and use the merged folder.";
  if (raw.peft_type !== "LORA")
    throw new Error(`${path}: peft_type is ${JSON.stringify(raw.peft_type)}; only LORA is supported. ${remedy}`);
  const refused = refusals(raw);
  if (refused.length > 0)
    throw new Error(
      `${path}: ${refused.join(", ")}: supported is plain LoRA, with rsLoRA, patterns and modules_to_save. ${remedy}`,
    );
  const parsed = understood.safeParse(raw);
  if (parsed.success) return optionsOf(parsed.data);
  const [issue] = parsed.error.issues;
  throw new Error(`${path}: ${issue!.path.join(".")}: ${issue!.message}.`);
}
