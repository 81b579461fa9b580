import { existsSync } from "node:fs";
import { join } from "node:path";
import { findLanguage, language } from "../text/languages.ts";
import { readSource, type Source, type SourceFile } from "../text/source.ts";

export interface FloresLines {
  lines: string[];
  source: Source;
}

/** One sentence per line; line i is the same sentence in every language. */
const layouts = (code: string, split: string): string[] =>
  ["flores200", "flores", "flores200_dataset", "floresp_dataset"].flatMap((folder) => [
    `${folder}/${code}.${split}`,
    `${folder}/${split}/${code}.${split}`,
  ]);
/** Sentences of the published splits; a file in the same layout with other sentences has no licence that is known. */
const published = { dev: 997, devtest: 1012 };
/** TSVs with a header of languages */
const tables = ["flores200.tsv", "flores.tsv"];

export interface FloresOptions {
  /** lines at most, from the top */
  limit?: number | undefined;
  /** default devtest */
  split?: "dev" | "devtest" | undefined;
}

/**
 * Sentences of FLORES-200 in one language, devtest unless told, from the top where limited.
 * @throws Error when the file is absent or has an empty line
 */
export function readFloresLines(folder: string, spelling: string, options: FloresOptions = {}): FloresLines {
  const found = findFloresLines(folder, spelling, options);
  if (found) return found;
  const { code, flores } = language(spelling);
  const { split = "devtest" } = options;
  throw new Error(`${folder}: no ${split} file of FLORES-200 in ${code}. Expected flores200/${flores}.${split}.`);
}

/**
 * The same, or undefined where there is no file.
 * @throws Error when the file has an empty line
 */
export function findFloresLines(
  folder: string,
  spelling: string,
  { limit, split = "devtest" }: FloresOptions = {},
): FloresLines | undefined {
  const { code, flores } = language(spelling);
  const path = layouts(flores, split)
    .map((name) => join(folder, name))
    .find(existsSync);
  if (path !== undefined) {
    const file = readSource(path);
    const source = {
      ...file.source("flores200", file.lines.length, code),
      ...(file.lines.length === published[split] && { licence: "CC BY-SA 4.0" }),
    };
    return { lines: checked(file.lines, file, 1).slice(0, limit), source };
  }
  // a table has no dev split
  const table = split === "devtest" ? tables.map((name) => join(folder, name)).find(existsSync) : undefined;
  if (table !== undefined) {
    const file = readSource(table);
    const lines = column(file, code);
    return { lines: lines.slice(0, limit), source: file.source("flores200", lines.length, code) };
  }
  return undefined;
}

function column(file: SourceFile, code: string): string[] {
  const header = file.lines[0]!.split("\t");
  const at = header.findIndex((cell) => findLanguage(cell)?.code === code);
  if (at < 0) throw new Error(`${file.path}:1: expected a column ${code}, received ${header.join(", ")}.`);
  return checked(
    file.lines.slice(1).map((line) => line.split("\t")[at] ?? ""),
    file,
    2,
  );
}

/** Dropping an empty line would break the parallel order, so it is refused. */
function checked(lines: string[], file: SourceFile, firstNumber: number): string[] {
  const empty = lines.findIndex((line) => line.trim() === "");
  if (empty >= 0) throw new Error(`${file.path}:${empty + firstNumber}: expected a sentence, received an empty line.`);
  return lines;
}
