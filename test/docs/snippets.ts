import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { readRecipe } from "../../src/recipe/read.ts";
import { readTaskFile } from "../../src/tasks/own-task-file.ts";
import type { Block, Page } from "./page.ts";
import { root } from "./repository.ts";

/** A temporary folder for the time of `work`. */
async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "interlingua-docs-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Mapping = Record<string, unknown>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys of a part of a recipe as overrides of a whole one; a mapping with a kind replaces its place. */
function overridesOf(part: Mapping, path: readonly string[] = []): string[] {
  return Object.entries(part).flatMap(([key, value]) => {
    const place = [...path, key];
    if (isMapping(value) && !("kind" in value)) return overridesOf(value, place);
    return [`${place.join(".")}=${JSON.stringify(value)}`];
  });
}

/** Reads a snippet as what it is: a task file (kind), a whole recipe (name and model), or a part of a recipe. */
function readYaml(text: string, folder: string): void {
  const content = parse(text) as unknown;
  if (!isMapping(content)) throw new Error("neither a recipe nor a task: the top is no mapping");
  const file = join(folder, "snippet.yaml");
  writeFileSync(file, text);
  if ("kind" in content) readTaskFile(file);
  else if ("name" in content && "model" in content) readRecipe(file);
  else readRecipe(join(root, "recipes/afp-small.yaml"), overridesOf(content));
}

const at = (page: Page, { line }: Block): string => `${page.path}:${line}`;

/** What is wrong with the YAML and JSON of a page. */
export function dataFaults(page: Page): Promise<string[]> {
  return inFolder((folder) =>
    page.blocks.flatMap((block) => {
      const text = block.lines.join("\n");
      try {
        if (block.kind === "yaml") readYaml(text, folder);
        if (block.kind === "json") JSON.parse(text);
        if (block.kind === "jsonl") for (const line of block.lines) JSON.parse(line);
        return [];
      } catch (error) {
        return [`${at(page, block)}: ${(error as Error).message.replaceAll(`${folder}/`, "")}`];
      }
    }),
  );
}

const known = ["commands", "yaml", "ts", "json", "jsonl", "text"];

/** Blocks that no check knows. */
export const kindFaults = (page: Page): string[] =>
  page.blocks
    .filter(({ kind }) => !known.includes(kind))
    .map((block) => `${at(page, block)}: a fence is one of sh, ${known.slice(1).join(", ")}; received "${block.kind}"`);

const compilerOptions = {
  ...{ target: "es2022", lib: ["es2023", "esnext.disposable"], module: "nodenext", moduleResolution: "nodenext" },
  ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
  ...{ allowImportingTsExtensions: true, moduleDetection: "force" },
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
  paths: { interlingua: [join(root, "src/index.ts")] },
};

const compile = (folder: string): Promise<string> =>
  new Promise((resolve) => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFile(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder }, (_, out, err) =>
      resolve(out + err),
    );
  });

/** What the compiler says of the TypeScript of all pages, each snippet a module of its own that sees the public exports. */
export function typeScriptFaults(pages: readonly Page[]): Promise<string[]> {
  const snippets = pages.flatMap((page) =>
    page.blocks.filter(({ kind, info }) => kind === "ts" && info !== "sketch").map((block) => ({ page, block })),
  );
  return inFolder(async (folder) => {
    for (const [i, { block }] of snippets.entries())
      writeFileSync(join(folder, `snippet-${i}.ts`), block.lines.join("\n"));
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["snippet-*.ts"] }));
    const told = (await compile(folder)).split("\n").filter((line) => line.includes("error TS"));
    return told.flatMap((line) => {
      const [, number, row, text] = line.match(/snippet-(\d+)\.ts\((\d+),\d+\): error (.*)$/) ?? [];
      if (number === undefined) return []; // of src itself, which the gate compiles
      const { page, block } = snippets[Number(number)]!;
      return [`${page.path}:${block.line + Number(row) - 1}: ${text}`];
    });
  });
}
