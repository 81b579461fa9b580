import { runInNewContext } from "node:vm";
import type { Linear } from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import type { LoraOptions } from "./adapter-config.ts";
import type { Family } from "./family.ts";
import { headName, libraryName, type SavedModule } from "./parameters.ts";

/** A node of the parameter tree with its path there and the name that the library, and so PEFT, gives it. */
export interface Module {
  path: string;
  name: string;
  node: SavedModule;
}

/** A pattern comes from a downloaded file: one that tries for ever is cut off. Milliseconds. */
const patience = 1000;

/** The names that a regular expression of PEFT's matches in whole. */
function matched(expression: string, names: readonly string[]): ReadonlySet<string> {
  try {
    const whole = new RegExp(`^(?:${expression})$`, "u");
    const found = runInNewContext("names.filter((name) => whole.test(name))", { names, whole }, { timeout: patience });
    return new Set(found as string[]);
  } catch (error) {
    throw new Error(
      `the adapter's pattern ${JSON.stringify(expression)} can't be used (${(error as Error).message}). Write plain names instead.`,
    );
  }
}

const endsWithPart = (name: string, part: string): boolean => name === part || name.endsWith(`.${part}`);

/** As PEFT's: a list holds ends of names, a string is an expression of whole names. */
function means(wanted: readonly string[] | string, names: readonly string[]): ReadonlySet<string> {
  if (typeof wanted === "string") return matched(wanted, names);
  return new Set(names.filter((name) => wanted.some((part) => endsWithPart(name, part))));
}

/** Every node of the tree that is no tensor, outer ones first. */
export function modules({ tree, omittedPrefix }: Pick<Family, "tree" | "omittedPrefix">): Module[] {
  const found: Module[] = [];
  const visit = (node: object, path: string) => {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== "object" || value === null || value instanceof Tensor || key === "lora") continue;
      const inner = path === "" ? key : `${path}.${key}`;
      found.push({ path: inner, name: libraryName(inner, omittedPrefix), node: value as SavedModule });
      visit(value, inner);
    }
  };
  visit(tree, "");
  return found;
}

/** A matrix with this name; in a block it is a linear layer, outside an embedding, a table of positions or the head. */
export type Matrix = Module & { node: Linear };

const isMatrix = (module: Module): module is Matrix => {
  const { weight } = module.node as Partial<Linear>;
  return weight instanceof Tensor && weight.shape.length === 2;
};

/** Inside a numbered block: only there does the forward pass read LoRA leaves. */
const isInBlock = ({ path }: Module): boolean => /\.\d+\./.test(path);

/** Every linear layer of a model's blocks. */
export const linearLayers = (model: Pick<Family, "tree" | "omittedPrefix">): Matrix[] =>
  modules(model).filter(isMatrix).filter(isInBlock);

/** Modules that the adapter brings whole, outermost ones; PEFT asks only that a name ends so, not where its parts begin. */
export function savedModules(model: Pick<Family, "tree" | "omittedPrefix">, wanted: readonly string[]): Module[] {
  const found = modules(model).filter(({ name }) => wanted.some((end) => name.endsWith(end)));
  return found.filter(({ path }) => !found.some((outer) => path.startsWith(`${outer.path}.`)));
}

/** The number of the block that a name lies in, counted in one of `lists`; where none are given, in any that has a parent. */
function blockOf(name: string, lists: readonly string[] | undefined): number {
  const parts = name.split(".");
  const isList = (index: number) => (lists === undefined ? index > 0 : lists.includes(parts[index] ?? ""));
  const at = parts.findIndex((part, index) => /^\d+$/.test(part) && isList(index - 1));
  return at < 0 ? Number.NaN : Number(parts[at]);
}

/** Every matrix; a tied head is one too, by the library's name for it. */
function matrices(model: Family): Matrix[] {
  const stored = modules(model).filter(isMatrix);
  return model.config.tiedHead ? [...stored, { path: headName, name: headName, node: model.unembedding() }] : stored;
}

/** The layers that get an update, in the tree's order. Throws where a target is no linear layer of a block. */
export function targetedLayers(model: Family, options: LoraOptions): Matrix[] {
  const { targets, exclude, blocks, blockLists, modulesToSave = [] } = options;
  const all = matrices(model);
  const names = all.map(({ name }) => name);
  const isWhole = typeof targets === "string" && targets.toLowerCase() === "all-linear";
  const wanted = isWhole ? new Set(linearLayers(model).map(({ name }) => name)) : means(targets, names);
  const excluded = exclude === undefined ? new Set<string>() : means(exclude, names);
  const saved = savedModules(model, modulesToSave).map(({ path }) => path);
  const found = all.filter(
    ({ name, path }) =>
      wanted.has(name) &&
      !excluded.has(name) &&
      !saved.some((whole) => path === whole || path.startsWith(`${whole}.`)) &&
      (blocks === undefined || blocks.includes(blockOf(name, blockLists))),
  );
  const outside = found.filter((module) => !isInBlock(module)).map(({ name }) => name);
  if (outside.length > 0)
    throw new Error(
      `LoRA on ${outside.join(", ")}: only linear layers of the blocks take an update. Bring embeddings and head whole (modules_to_save).`,
    );
  return found;
}

/** The value of the first pattern that the name ends with, else the common one. */
function patterned(patterns: Readonly<Record<string, number>> = {}, name: string, common: number): number {
  const key = Object.keys(patterns).find((part) => matched(`(?:.*\\.)?(?:${part})`, [name]).size > 0);
  return key === undefined ? common : patterns[key]!;
}

/** A layer's own rank and the factor of its update. */
export function rankAndScale(options: LoraOptions, name: string): { rank: number; scale: number } {
  const rank = patterned(options.ranks, name, options.rank);
  const alpha = patterned(options.alphas, name, options.alpha);
  return { rank, scale: alpha / (options.rankStabilized ? Math.sqrt(rank) : rank) };
}
