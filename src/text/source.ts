import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where rows came from, for the run's manifest. */
export interface Source {
  role: string;
  path: string;
  sha256: string;
  rows: number;
  language?: string;
  licence?: string;
}

/** A text file read whole: its lines, and its entry in the manifest. */
export interface SourceFile {
  path: string;
  text: string;
  /** ended by \n or \r\n only; an end of line at the end of the file begins no further line */
  lines: string[];
  /** The manifest's entry for `rows` rows of it. */
  source(role: string, rows: number, language?: string): Source;
}

/** A record of a JSON file, and its place for messages: `file:line`, or `file: record i` (from 0) of an array. */
export interface PlacedRecord {
  record: Record<string, unknown>;
  place: string;
}

/**
 * Reads a UTF-8 text file.
 * @throws Error when it is absent, empty or not UTF-8
 */
export function readSource(path: string): SourceFile {
  if (!existsSync(path)) throw new Error(`${path}: there is no such file.`);
  const bytes = readFileSync(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: expected UTF-8 text. Convert the file.`);
  }
  if (text.trim() === "") throw new Error(`${path}: the file is empty.`);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    path,
    text,
    lines,
    source: (role, rows, language) => ({ role, path, sha256, rows, ...(language !== undefined && { language }) }),
  };
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Files of a folder by name, and of its subfolders so many levels down; hidden ones are left out. */
export function filesIn(folder: string, levels = 0): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => {
      if (!isFolder(path)) return [path];
      return levels > 0 ? filesIn(path, levels - 1) : [];
    });
}

/**
 * The records of a JSON Lines file or of a file with one JSON array.
 * @throws Error naming the place of what is not a JSON object
 */
export function readRecords(file: SourceFile): PlacedRecord[] {
  if (file.text.trimStart().startsWith("[")) {
    const items = parse(file.text, file.path) as unknown[];
    return items.map((item, i) => placed(item, `${file.path}: record ${i}`));
  }
  return file.lines.flatMap((line, i) => {
    const place = `${file.path}:${i + 1}`;
    return line.trim() === "" ? [] : [placed(parse(line, place), place)];
  });
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: expected JSON (${(cause as Error).message}).`, { cause });
  }
}

function placed(item: unknown, place: string): PlacedRecord {
  if (typeof item === "object" && item !== null && !Array.isArray(item))
    return { record: item as Record<string, unknown>, place };
  throw new Error(`${place}: expected a JSON object, received ${String(JSON.stringify(item)).slice(0, 60)}.`);
}

/** A text field of a record; the error names the place and what the record has instead. */
export function textField(record: Record<string, unknown>, key: string, place: string): string {
  const value = record[key];
  if (typeof value === "string") return value;
  const found =
    key in record
      ? `${key} is ${JSON.stringify(value).slice(0, 60)}`
      : `the fields are ${Object.keys(record).join(", ") || "none"}`;
  throw new Error(`${place}: expected a text field ${key}, but ${found}.`);
}
