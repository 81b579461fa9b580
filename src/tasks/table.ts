import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { findLanguage } from "../text/languages.ts";
import { type PlacedRecord, readRecords, readSource, type Source, type SourceFile } from "../text/source.ts";
import { readParquet } from "./parquet.ts";

/** A row of a task's file by the task's own field names, and its place for messages. */
export interface TableRow {
  fields: Record<string, string>;
  place: string;
  /** the whole record of a JSON or Parquet file */
  record?: Readonly<Record<string, unknown>>;
}

export interface TableFormat {
  /** field → the names that headers and JSON keys have for it */
  names: Readonly<Record<string, readonly string[]>>;
  /** fields that a file may lack, beside `id` and `language` */
  optional?: readonly string[];
  /** the fields of a TSV without a header, in order */
  headerless?: readonly string[];
}

export interface Table {
  rows: TableRow[];
  sources: Source[];
}

const isOptional = ({ optional = [] }: TableFormat, field: string): boolean =>
  ["id", "language", ...optional].includes(field);

/**
 * The rows of the shards of one file: TSV, JSON Lines, JSON or Parquet; where it has a language column, those of one language.
 * @throws Error naming the line that lacks a column
 */
export async function readTable(
  paths: readonly string[],
  code: string,
  role: string,
  format: TableFormat,
): Promise<Table> {
  const table: Table = { rows: [], sources: [] };
  for (const path of paths) {
    const { rows, source } = await readShard(path, format);
    const own = rows.filter(
      ({ fields }) => fields.language === undefined || findLanguage(fields.language)?.code === code,
    );
    for (const row of own) table.rows.push(row);
    table.sources.push(source(role, own.length, code));
  }
  return table;
}

async function readShard(
  path: string,
  format: TableFormat,
): Promise<{ rows: TableRow[]; source: SourceFile["source"] }> {
  if (path.endsWith(".parquet")) {
    const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
    const records = (await readParquet(path)).map((record, i) => ({ record, place: `${path}: row ${i}` }));
    const source: SourceFile["source"] = (role, rows, language) => ({
      role,
      path,
      sha256,
      rows,
      ...(language !== undefined && { language }),
    });
    return { rows: recordRows(records, format), source };
  }
  const file = readSource(path);
  const rows = /\.jsonl?$/.test(path) ? recordRows(readRecords(file), format) : tsvRows(file, format);
  return { rows, source: file.source };
}

function recordRows(records: readonly PlacedRecord[], format: TableFormat): TableRow[] {
  return records.map(({ record, place }) => {
    const fields: Record<string, string> = {};
    for (const [field, forms] of Object.entries(format.names)) {
      const value = forms.map((form) => record[form]).find((found) => found !== undefined && found !== null);
      if (typeof value === "string" || typeof value === "number") fields[field] = String(value);
      else if (!isOptional(format, field)) throw missing(place, forms, Object.keys(record));
    }
    return { fields, place, record };
  });
}

function tsvRows(file: SourceFile, format: TableFormat): TableRow[] {
  const { names, headerless } = format;
  const header = file.lines[0]!.split("\t");
  const isHeader = !headerless || Object.values(names).some((forms) => forms.some((form) => header.includes(form)));
  const columns = new Map<string, number>();
  for (const [field, forms] of Object.entries(names)) {
    const found = isHeader ? header.findIndex((cell) => forms.includes(cell)) : headerless.indexOf(field);
    if (found >= 0) columns.set(field, found);
    else if (!isOptional(format, field)) throw missing(`${file.path}:1`, forms, header);
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
