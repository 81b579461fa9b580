import { findLanguage } from "../../text/languages.ts";
import { languageHeader, languagePairInName } from "../files.ts";
import type { Cell, DataFile } from "./data-file.ts";
import { rowsFinding } from "./finding.ts";
import { textColumns } from "./text-columns.ts";

/** The rows of a TSV: columns by language where header or name says so, else those that look like text. */
export function tableRows(path: string, lines: readonly string[], language: string | undefined): Partial<DataFile> {
  const table = lines.map((line) => line.split("\t"));
  const width = commonest(table.map((row) => row.length));
  const header = languageHeader(lines[0]!, []);
  const head = headOf(table, width);
  const start = header || head ? 1 : 0;
  const broken = table.flatMap((row, i) => {
    const text = `${row.length} columns: ${lines[i]}`;
    return row.length === width ? [] : [{ place: `${path}:${i + 1}`, text }];
  });
  const named = languagePairInName(path);
  const languages = Array.from({ length: width }, (_, i) => {
    if (header) return findLanguage(table[0]![i]!)?.code;
    return named && width === 2 ? named[i]!.code : language;
  });
  const columns = Array.from({ length: width }, (_, i) => table.slice(start).map((row) => row[i] ?? ""));
  const isPair = width === 2 && (header !== undefined || named !== undefined);
  const texts = isPair || header ? columns.map(() => true) : textColumns(columns);
  const names = languages.map((code, i) => (isPair || header ? code! : (head?.[i] ?? `column ${i + 1}`)));
  const rows = table.slice(start).map((row, i) => ({
    place: `${path}:${i + start + 1}`,
    cells: row.flatMap((text, column): Cell[] => {
      if (!texts[column]) return [];
      const code = languages[column];
      return [{ name: names[column]!, text, ...(code !== undefined && { language: code }) }];
    }),
  }));
  const message = `Not ${width} columns as most lines have; readers stop there.`;
  const together = isPair ? names.join("-") : language;
  const about = { file: path, language: together ?? "", check: "broken", severity: "error", message } as const;
  return {
    kind: isPair || header ? "pairs" : "table",
    layout: `TSV of ${width} columns: ${names.map((name, i) => (texts[i] ? name : `(${name})`)).join(", ")}`,
    rows: rows.filter((_, i) => table[i + start]!.length === width),
    findings: rowsFinding(about, broken),
    language: together,
    ...(isPair && { pair: [names[0]!, names[1]!] as [string, string] }),
  };
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

/** The first line, where it is names: words of a program, none of which stands in its column again. */
function headOf(table: readonly string[][], width: number): string[] | undefined {
  const first = table[0]!;
  const isNames = width > 2 && first.length === width && first.every((cell) => /^[a-z][a-z0-9_]*$/i.test(cell));
  if (!isNames || new Set(first).size < width) return undefined;
  return table.slice(1).some((row) => row.some((cell, i) => cell === first[i])) ? undefined : first;
}
