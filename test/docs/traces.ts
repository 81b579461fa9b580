import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readRecipe } from "../../src/recipe/read.ts";
import type { Understood } from "./dry-run.ts";
import { inClone } from "./repository.ts";
import { isPlaceholder, type ShellCommand } from "./shell.ts";

/** The files that a command needs and those that it leaves. */
export interface Traces {
  needs: string[];
  makes: string[];
  faults: string[];
}

/** Texts of files that snippets of the page are, by name. */
export type Snippets = ReadonlyMap<string, string>;

// options whose values are text, names or what the command writes
const notRead = [
  "output",
  "runs",
  "prompt",
  "stop",
  "set",
  "template",
  "sentence",
  "targets",
  "shard",
  "pairs",
  "name",
];
const recipeVerbs = ["study", "align", "pretrain"];

const endsLikeFile = /\.(?:yaml|yml|tsv|csv|jsonl?|txt|safetensors|comet)$/;

const looksLikePath = (word: string): boolean =>
  word === "." || /^[\w.-]+\/[\w./-]*$/.test(word) || endsLikeFile.test(word);

/** A hub id such as facebook/xglm-564M: one slash, and no folder of ours begins like it. */
const isHubId = (word: string): boolean =>
  /^[\w-]+\/[\w.-]+$/.test(word) &&
  !endsLikeFile.test(word) &&
  !inClone(word.split("/")[0]!) &&
  !word.startsWith("runs/");

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((item) => typeof item === "string")
    .flatMap((item: string) => item.split(","))
    .map((item) => item.replace(/^\w+=(?=.*\.\w+$)/, "")); // NAME=FILE

const overridesOf = ({ options }: Understood): string[] => (options.set as string[] | undefined) ?? [];

/** Reads the recipe with its overrides, from the clone or from a snippet of the page. */
function recipeName(understood: Understood, snippets: Snippets): { name?: string; fault?: string } {
  const [given = ""] = understood.arguments;
  if (isPlaceholder(given)) return {};
  const snippet = snippets.get(given);
  const folder = mkdtempSync(join(tmpdir(), "interlingua-docs-"));
  try {
    const path = snippet === undefined ? given : join(folder, basename(given));
    if (snippet !== undefined) writeFileSync(path, snippet);
    return { name: readRecipe(path, overridesOf(understood)).name };
  } catch (error) {
    return { fault: (error as Error).message };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a command of interlingua needs and leaves. */
export function interlinguaTraces(understood: Understood, snippets: Snippets): Traces {
  const { verb, options } = understood;
  const traces: Traces = { needs: [], makes: [], faults: [] };
  const isRecipe = recipeVerbs.includes(verb);
  if (isRecipe) {
    const { name, fault } = recipeName(understood, snippets);
    if (fault !== undefined) traces.faults.push(fault);
    else if (name !== undefined) traces.makes.push(`${(options.runs as string | undefined) ?? "runs"}/${name}`);
  }
  const given = [
    ...(isRecipe ? [] : understood.arguments.map((word) => ["", word] as const)),
    ...Object.entries(options)
      .filter(([key]) => !notRead.includes(key))
      .flatMap(([key, value]) => texts(value).map((word) => [key, word] as const)),
  ];
  for (const [key, word] of given)
    if (
      (looksLikePath(word) || understood.paths.includes(key)) &&
      !isPlaceholder(word) &&
      !((key === "model" || key === "") && isHubId(word))
    )
      traces.needs.push(word);
  for (const key of ["output", "runs"]) if (typeof options[key] === "string") traces.makes.push(options[key]);
  return traces;
}

const programs: Record<string, (words: readonly string[]) => { needs?: readonly string[]; makes?: readonly string[] }> =
  {
    cat: (words) => ({ needs: words }),
    head: (words) => ({ needs: words }),
    cp: (words) => ({ needs: words.slice(0, -1), makes: words.slice(-1) }),
    mkdir: (words) => ({ makes: words }),
    ls: (words) => ({ needs: words }),
    python: (words) => ({ needs: words.slice(0, 1) }),
    python3: (words) => ({ needs: words.slice(0, 1) }),
  };

/** The same of other programs, as far as the docs use them. */
export function shellTraces({ words, reads, makes, environment }: ShellCommand): Traces {
  const [program = "", ...rest] = words;
  const plain = rest.filter((word) => !word.startsWith("-"));
  const { needs: own = [], makes: left = [] } = programs[program]?.(plain) ?? {};
  const data = environment.INTERLINGUA_DATA ?? "";
  return {
    needs: [...own, ...reads, ...(data === "" ? [] : [data])].filter(
      (word) => !isPlaceholder(word) && !/[$~]/.test(word) && looksLikePath(word),
    ),
    makes: [...left, ...makes].filter((word) => !isPlaceholder(word)),
    faults: [],
  };
}
