import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { UsageError } from "../run/errors.ts";
import { editDistance } from "../text/edit-distance.ts";
import { type Recipe, recipeSchema } from "./schema.ts";

/** Where people's other tools keep the same setting. */
const elsewhere: Record<string, string> = {
  model_name_or_path: "model",
  output_dir: "name",
  lr_scheduler_type: "train.schedule.kind",
  warmup_ratio: "train.schedule.warmup_ratio",
  warmup_steps: "train.schedule.warmup_steps",
  per_device_train_batch_size: "train.objectives.<objective>.batch_tokens or pairs_per_batch",
  lora_rank: "train.method.rank",
  lora_alpha: "train.method.alpha",
  lora_dropout: "train.method.dropout",
  lora_target: "train.method.targets",
  target_modules: "train.method.targets",
  use_rslora: "train.method.rslora",
  additional_target: "train.method.modules_to_save",
  layers_to_transform: "train.method.layers, from 1",
  cutoff_len: "train.objectives.<objective>.maximum_length",
  max_seq_length: "train.objectives.<objective>.maximum_length",
  bf16: "dtype: bfloat16",
  fp16: "dtype: float16",
  temp: "train.objectives.contrastive.temperature",
  pooler_type: "train.objectives.contrastive.layer and pooling",
  cl_weight: "train.objectives.contrastive.weight",
  clm_weight: "train.objectives.instruction.weight",
  num_fewshot: "evaluate.shots",
};

type Path = readonly (string | number)[];

/** Keys that a mapping at this place may have, as far as the schema tells. */
function knownKeys(schema: unknown, path: Path): string[] {
  const node = schema as {
    def?: { type?: string; innerType?: unknown; shape?: Record<string, unknown>; options?: unknown[] };
  };
  const { def } = node;
  if (def === undefined) return [];
  if (def.innerType !== undefined) return knownKeys(def.innerType, path);
  if (def.options !== undefined) return def.options.flatMap((option) => knownKeys(option, path));
  if (def.shape === undefined) return [];
  if (path.length === 0) return Object.keys(def.shape);
  return knownKeys(def.shape[String(path[0])], path.slice(1));
}

function hint(key: string, path: Path): string {
  const [near] = knownKeys(recipeSchema, path)
    .map((known) => ({ known, distance: editDistance(key, known) }))
    .sort((a, b) => a.distance - b.distance);
  if (near?.known === key) return " It belongs to another kind.";
  if (near !== undefined && near.distance <= Math.max(2, key.length / 3)) return ` Did you mean ${near.known}?`;
  if (elsewhere[key] !== undefined) return ` Here it is ${elsewhere[key]}.`;
  return ` Known here: ${knownKeys(recipeSchema, path).join(", ")}.`;
}

interface Problem {
  path: Path;
  text: string;
}

function problems(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: [...(issue.path as Path), key],
        text: `unknown key ${key}.${hint(key, issue.path as Path)}`,
      }));
    // of a union, the branch that got furthest tells most
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const [best] = [...issue.errors].sort((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0));
      return best!.map((inner) => ({ path: [...issue.path, ...inner.path] as Path, text: inner.message }));
    }
    return [{ path: issue.path as Path, text: issue.message }];
  });
}

/** Puts environment variables in the place of ${NAME}; an unset one is an error only where its text is used. */
function expand(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole);
  }
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner)]));
  return value;
}

/** A text of the recipe, refused while it still holds a variable that is not set. */
export function expandVariables(given: string, key: string): string {
  const text = expand(given) as string;
  const [, name] = text.match(/\$\{(\w+)\}/) ?? [];
  if (name !== undefined)
    throw new UsageError(`${key}: ${text}: the variable ${name} is not set. Set it to the folder that holds the data.`);
  return text;
}

/** The same as an absolute path. */
export const resolvePath = (given: string, key: string): string => resolve(expandVariables(given, key));

/** The file of a recipe: a path, or the name of one that interlingua brings, such as afp-2024. */
function locateRecipe(given: string): string {
  if (existsSync(given)) return given;
  const shipped = fileURLToPath(new URL("../../recipes/", import.meta.url));
  const names = readdirSync(shipped).map((name) => name.replace(/\.yaml$/, ""));
  if (names.includes(given)) return join(shipped, `${given}.yaml`);
  throw new UsageError(`${given}: there is no such file, and no such recipe among ${names.sort().join(", ")}.`);
}

/**
 * Reads, completes and checks a recipe. `overrides` are `a.b=value` with YAML values.
 * @throws UsageError with file, line and column, what was expected and the nearest known key
 */
export function readRecipe(given: string, overrides: readonly string[] = []): Recipe {
  const path = locateRecipe(given);
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, "utf8"), { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new UsageError(`${at(broken.pos[0])}: ${broken.message.split("\n")[0]}`);
  for (const override of overrides) {
    const equals = override.indexOf("=");
    if (equals < 1) throw new UsageError(`--set ${override}: expected a.b=value.`);
    document.setIn(override.slice(0, equals).split("."), parseDocument(override.slice(equals + 1)).toJS());
  }
  const parsed = recipeSchema.safeParse(expand(document.toJS()));
  if (parsed.success) return parsed.data;
  const told = problems(parsed.error).map(
    ({ path: keys, text }) => `${locate(keys)}: ${keys.join(".") || "recipe"}: ${text}`,
  );
  throw new UsageError(told.join("\n"));

  function locate(keys: Path): string {
    for (let depth = keys.length; depth > 0; depth--) {
      const node = document.getIn(keys.slice(0, depth), true) as ParsedNode | undefined;
      if (node?.range) return at(node.range[0]);
    }
    return path;
  }
}
