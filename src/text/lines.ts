import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** Where data came from: what it was used for, and what the file was. */
export interface DataSource {
  /** `parallel`, `instructions`, `text`, or a task's name */
  role: string;
  path: string;
  sha256: string;
  /** rows in the file, those that were left out included */
  rows: number;
  language?: string;
  licence?: string;
}

export interface TextFile {
  path: string;
  text: string;
  sha256: string;
}

/**
 * Reads a UTF-8 file.
 * @throws Error when it is absent, empty or not UTF-8
 */
export async function readTextFile(path: string): Promise<TextFile> {
  if (!existsSync(path)) throw new Error(`${path}: no such file.`);
  const bytes = await readFile(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${path}: not UTF-8 text. Convert it first, for example with iconv -t UTF-8.`, { cause });
  }
  if (text.trim() === "") throw new Error(`${path}: the file is empty. Expected one row per line.`);
  return { path, text, sha256 };
}

/** The lines of a text, ended by \n or \r\n only; an end of line at the end of the text begins no further line. */
export function linesOf({ text }: Pick<TextFile, "text">): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

export interface JsonRow {
  value: Record<string, unknown>;
  /** `file:line` for JSON Lines, `file: item i` (from 0) for an array */
  where: string;
}

/**
 * The objects of a JSON Lines file or of a file with one JSON array.
 * @throws Error naming the line that is not a JSON object
 */
export function jsonRows(file: TextFile): JsonRow[] {
  if (file.text.trimStart().startsWith("[")) {
    const items = parse(file.text, file.path) as unknown[];
    return items.map((value, i) => asRow(value, `${file.path}: item ${i}`));
  }
  return linesOf(file).flatMap((line, i) =>
    line.trim() === "" ? [] : [asRow(parse(line, `${file.path}:${i + 1}`), `${file.path}:${i + 1}`)],
  );
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where}: not JSON: ${(cause as Error).message}`, { cause });
  }
}

function asRow(value: unknown, where: string): JsonRow {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${where}: expected a JSON object, got ${JSON.stringify(value)?.slice(0, 60)}.`);
  return { value: value as Record<string, unknown>, where };
}

/**
 * A field that must be text.
 * @throws Error with the row's place, the field and what stood there
 */
export function textField({ value, where }: JsonRow, name: string): string {
  const found = value[name];
  if (typeof found === "string") return found;
  const got = found === undefined ? `the fields ${Object.keys(value).join(", ")}` : JSON.stringify(found).slice(0, 60);
  throw new Error(`${where}: expected the text field "${name}", got ${got}.`);
}
