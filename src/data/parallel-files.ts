import { dirname, extname, join } from "node:path";
import { findLanguage, type Language } from "../text/languages.ts";
import { type PlacedRecord, readRecords, readSource, type Source, textField } from "../text/source.ts";
import { cells, languageHeader, languagePairInName, languagesInName } from "./files.ts";
import type { SentencePair } from "./sentence-pair.ts";

/** What one group of files gives. */
export interface FilePairs {
  pairs: SentencePair[];
  sources: Source[];
}

const role = "parallel";

/** Whether a file's name is silent about languages, or names two of those wanted with the pivot among them. */
const concerns = (named: readonly Language[] | undefined, wanted: readonly Language[]): boolean =>
  named === undefined || (named.includes(wanted[0]!) && named.every((entry) => wanted.includes(entry)));

/** TSVs with two columns and their languages in the name, or with a header of languages. The pivot is the first wanted. */
export function tsvPairs(files: readonly string[], wanted: readonly Language[]): FilePairs[] {
  const paths = files.filter((path) => extname(path) === ".tsv");
  return paths.flatMap((path) => {
    const named = languagePairInName(path);
    if (!concerns(named, wanted)) return [];
    const file = readSource(path);
    const header = languageHeader(file.lines[0]!, named ?? [wanted[0]!]);
    // a lone file may leave two languages to the order of its columns
    const order = named ?? (paths.length === 1 && wanted.length === 2 ? wanted : []);
    const columns = header ?? new Map(order.map((entry, i) => [entry, i]));
    const others = wanted.slice(1).filter((entry) => columns.has(entry));
    if (others.length === 0) return [];
    const start = header ? 1 : 0;
    const rows = file.lines.slice(start).map((line, i) => cells(line, columns.size, `${path}:${i + start + 1}`));
    const pivot = wanted[0]!;
    const pairs = rows.flatMap((row) =>
      others.map((other) => pairOf(pivot, row[columns.get(pivot)!]!, other, row[columns.get(other)!]!)),
    );
    return [{ pairs, sources: [file.source(role, rows.length)] }];
  });
}

const pairOf = (pivot: Language, a: string, other: Language, b: string): SentencePair => ({
  a,
  b,
  languages: [pivot.code, other.code],
});

/** Plain files of one folder whose names differ only in the language: line i of one translates line i of the other. */
export function alignedPairs(files: readonly string[], wanted: readonly Language[]): FilePairs[] {
  const plain = files.filter((path) => ![".tsv", ".json", ".jsonl", ".gz"].includes(extname(path)));
  /** folder and name without its language → language → file */
  const groups = new Map<string, Map<Language, string>>();
  for (const path of plain)
    for (const { language, rest } of languagesInName(path)) {
      const key = join(dirname(path), rest);
      groups.set(key, (groups.get(key) ?? new Map()).set(language, path));
    }
  const pivot = wanted[0]!;
  return [...groups.values()].flatMap((group) =>
    wanted.slice(1).flatMap((other) => {
      const [first, second] = [group.get(pivot), group.get(other)];
      return first && second && first !== second ? [aligned(first, second, pivot, other)] : [];
    }),
  );
}

function aligned(first: string, second: string, pivot: Language, other: Language): FilePairs {
  const [a, b] = [readSource(first), readSource(second)];
  if (a.lines.length !== b.lines.length)
    throw new Error(
      `${first} has ${a.lines.length} lines and ${second} has ${b.lines.length}. ` +
        "Line-aligned files need the same number of lines: line i of one translates line i of the other.",
    );
  return {
    pairs: a.lines.map((text, i) => pairOf(pivot, text, other, b.lines[i]!)),
    sources: [a.source(role, a.lines.length, pivot.code), b.source(role, b.lines.length, other.code)],
  };
}

/** JSON Lines or JSON arrays whose rows have both sides. */
export function jsonPairs(files: readonly string[], wanted: readonly Language[]): FilePairs[] {
  return files
    .filter((path) => [".json", ".jsonl"].includes(extname(path)) && concerns(languagePairInName(path), wanted))
    .map((path) => {
      const file = readSource(path);
      const rows = readRecords(file);
      const pairs = rows.flatMap((row) => jsonPair(row, wanted, languagePairInName(path)));
      return { pairs, sources: [file.source(role, rows.length)] };
    });
}

/** Fields of rows that do not name their languages: the pivot's and the other's. */
const unnamed = [
  ["sent0", "sent1"],
  ["anchor", "positive"],
] as const;

function jsonPair(
  { record, place }: PlacedRecord,
  wanted: readonly Language[],
  named: readonly Language[] | undefined,
): SentencePair[] {
  const pivot = wanted[0]!;
  for (const [first, second] of unnamed) {
    if (!(first in record)) continue;
    const other = wanted.length === 2 ? wanted[1]! : named?.find((entry) => entry !== pivot);
    if (!other)
      throw new Error(`${place}: rows with ${first} and ${second} name no language. Give exactly two languages.`);
    return [pairOf(pivot, textField(record, first, place), other, textField(record, second, place))];
  }
  const inner = record.translation;
  const fields = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : record;
  const names = new Map(Object.keys(fields).map((name) => [findLanguage(name), name]));
  const others = wanted.slice(1).filter((entry) => names.has(entry));
  if (!names.has(pivot) || others.length === 0) throw noSides(place, wanted, Object.keys(fields));
  const text = (entry: Language) => textField(fields, names.get(entry)!, place);
  return others.map((other) => pairOf(pivot, text(pivot), other, text(other)));
}

function noSides(place: string, [pivot, ...others]: readonly Language[], fields: readonly string[]): Error {
  return new Error(
    `${place}: expected text in ${pivot!.code} and ${others.map(({ code }) => code).join(" or ")}, ` +
      `or anchor and positive, or sent0 and sent1; the fields are ${fields.join(", ") || "none"}.`,
  );
}
