import { existsSync } from "node:fs";
import { join } from "node:path";
import { findLanguage, language } from "../text/languages.ts";
import { readRecords, readSource, type SourceFile } from "../text/source.ts";

/** A row of a task's file by the task's own field names, and its place for messages. */
export interface TableRow {
  fields: Record<string, string>;
  place: string;
}

export interface TableFormat {
  /** field → the names that headers and JSON keys have for it; `id` and `language` may be absent from a file */
  names: Readonly<Record<string, readonly string[]>>;
  /** the fields of a TSV without a header, in order */
  headerless?: readonly string[];
}

const optional = ["id", "language"];

/** The first of the paths below a folder that is there; `*` stands for the language in each of its usual spellings. */
export function findFile(folder: string, code: string, patterns: readonly string[]): string | undefined {
  const { iso3, flores } = language(code);
  return patterns
    .flatMap((pattern) => [...new Set([code, iso3, flores])].map((form) => join(folder, pattern.replaceAll("*", form))))
    .find((path) => existsSync(path));
}

/**
 * The rows of a TSV, JSON Lines or JSON file; where it has a language column, those of one language.
 * @throws Error naming the line that lacks a column
 */
export function readTable(file: SourceFile, code: string, format: TableFormat): TableRow[] {
  const rows = /\.jsonl?$/.test(file.path) ? jsonTable(file, format) : tsvTable(file, format);
  return rows.filter(({ fields }) => fields.language === undefined || findLanguage(fields.language)?.code === code);
}

function jsonTable(file: SourceFile, { names }: TableFormat): TableRow[] {
  return readRecords(file).map(({ record, place }) => {
    const fields: Record<string, string> = {};
    for (const [field, forms] of Object.entries(names)) {
      const value = forms.map((form) => record[form]).find((found) => found !== undefined && found !== null);
      if (typeof value === "string" || typeof value === "number") fields[field] = String(value);
      else if (!optional.includes(field)) throw missing(place, forms, Object.keys(record));
    }
    return { fields, place };
  });
}

function tsvTable(file: SourceFile, { names, headerless }: TableFormat): TableRow[] {
  const header = file.lines[0]!.split("\t");
  const isHeader = !headerless || names.label!.some((form) => header.includes(form));
  const columns = new Map<string, number>();
  for (const [field, forms] of Object.entries(names)) {
    const found = isHeader ? header.findIndex((cell) => forms.includes(cell)) : headerless.indexOf(field);
    if (found >= 0) columns.set(field, found);
    else if (!optional.includes(field)) throw missing(`${file.path}:1`, forms, header);
  }
  const width = isHeader ? header.length : headerless.length;
  const start = isHeader ? 1 : 0;
  return file.lines.slice(start).map((line, i) => {
    const place = `${file.path}:${i + start + 1}`;
    const cells = line.split("\t");
    if (cells.length !== width)
      throw new Error(`${place}: expected ${width} columns separated by tabs, received ${cells.length}.`);
    return { fields: Object.fromEntries([...columns].map(([field, at]) => [field, cells[at]!])), place };
  });
}

function missing(place: string, forms: readonly string[], found: readonly string[]): Error {
  return new Error(`${place}: expected a column ${forms.join(" or ")}, received ${found.join(", ").slice(0, 120)}.`);
}

/**
 * The index of a label that is written as its name or as its index.
 * @throws Error naming the place, what was expected and what came
 */
export function labelIndex(text: string, labels: readonly string[], place: string): number {
  const index = /^\d+$/.test(text) ? Number(text) : labels.indexOf(text);
  if (index >= 0 && index < labels.length) return index;
  throw new Error(
    `${place}: expected the label ${labels.join(", ")} or 0 to ${labels.length - 1}, received ${JSON.stringify(text)}.`,
  );
}

/** The file that the patterns find, read, or undefined. */
export function readFound(folder: string, code: string, patterns: readonly string[]): SourceFile | undefined {
  const path = findFile(folder, code, patterns);
  return path === undefined ? undefined : readSource(path);
}
