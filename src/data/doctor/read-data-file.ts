import { readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { findLanguage } from "../../text/languages.ts";
import { languagesInName } from "../files.ts";
import type { DataFile } from "./data-file.ts";
import { type Hit, rowsFinding } from "./finding.ts";
import { recordLayout } from "./record-layouts.ts";
import { tableRows } from "./table-layout.ts";

/** Reads a file whatever is wrong with it; what is wrong becomes findings. */
export function readDataFile(path: string): DataFile {
  const bytes = readFileSync(path);
  const language = languageOfPath(path);
  const about = { file: path, language: language ?? "" };
  const file: DataFile = { path, kind: "text", layout: "nothing", language, rows: [], findings: [], text: "" };
  const stop = (check: string, message: string): DataFile => ({
    ...file,
    findings: [{ check, severity: "error", ...about, count: 0, message, examples: [] }],
  });
  try {
    file.text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return stop("encoding", "The file is not UTF-8 text.");
  }
  const text = file.text.replace(/^\ufeff/, "");
  if (text.trim() === "") return stop("empty-file", "The file is empty.");
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if ([".json", ".jsonl"].includes(extname(path))) return { ...file, ...jsonRows(path, text, lines, language) };
  if (extname(path) === ".tsv") return { ...file, ...tableRows(path, lines, language) };
  const named = language === undefined ? {} : { language };
  const rows = lines.map((line, i) => ({ place: `${path}:${i + 1}`, cells: [{ name: "line", text: line, ...named }] }));
  return { ...file, rows, layout: "a text per line" };
}

/** The language that a name says: de.json, train.de, snli_de10k_train.json, dev-de.tsv, deu_Latn/dev.tsv. */
export function languageOfPath(path: string): string | undefined {
  const name = basename(path);
  const parts = [name.replace(/\.[a-z]+$/, ""), ...name.split("."), ...name.split(/[.-]/)].filter(
    (part) => part.length <= 8,
  );
  const found = parts.map((part) => findLanguage(part)).find((entry) => entry !== undefined);
  const inside = name.match(/_([a-z]{2,3})\d/)?.[1] ?? name.match(/_([a-z]{2,3})\./)?.[1] ?? "";
  return (found ?? languagesInName(path)[0]?.language ?? findLanguage(inside) ?? findLanguage(basename(dirname(path))))
    ?.code;
}

function jsonRows(
  path: string,
  text: string,
  lines: readonly string[],
  language: string | undefined,
): Partial<DataFile> {
  const broken: Hit[] = [];
  const records: { record: Record<string, unknown>; place: string }[] = [];
  const add = (value: unknown, place: string) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      records.push({ record: value as Record<string, unknown>, place });
    else broken.push({ place, text: `expected an object, received ${JSON.stringify(value)}` });
  };
  const parse = (source: string, place: string, use: (value: unknown) => void) => {
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch (error) {
      broken.push({ place, text: (error as Error).message });
      return;
    }
    use(value);
  };
  if (text.trimStart().startsWith("["))
    parse(text, path, (list) => {
      for (const [i, value] of (list as unknown[]).entries()) add(value, `${path}: record ${i}`);
    });
  else
    for (const [i, line] of lines.entries()) {
      const place = `${path}:${i + 1}`;
      if (line.trim() !== "") parse(line, place, (value) => add(value, place));
    }
  const layout = recordLayout(records, path, language);
  const about = { file: path, language: language ?? "" };
  return {
    ...layout,
    findings: [
      ...rowsFinding(
        { ...about, check: "broken", severity: "error", message: "Not a JSON object; readers stop there." },
        broken,
      ),
      ...layout.findings,
    ],
  };
}
