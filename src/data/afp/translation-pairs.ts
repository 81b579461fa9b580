import { language } from "../../text/languages.ts";
import { isFolder, readSource, type Source } from "../../text/source.ts";
import { distinct } from "../distinct.ts";
import { languageHeader, languagePairInName } from "../files.ts";
import { type LeftOut, tally } from "../left-out.ts";
import { readParallel } from "../parallel.ts";

export interface TranslationPairs {
  /** side of the first language and of the second */
  pairs: { a: string; b: string }[];
  sources: Source[];
  leftOut: LeftOut[];
}

/**
 * Sentence pairs of two languages: one TSV, whose columns beyond the second do not count, or whatever `readParallel` reads
 * (line-aligned files as OPUS gives them, folders, JSON rows). Sides are trimmed; a pair with an empty side or twice the
 * same text, or that was there before, is counted and left out.
 * @throws Error where there is none
 */
export function translationPairs(path: string, first: string, second: string): TranslationPairs {
  const { rows, skipped, sources } = isTsv(path) ? tsvRows(path, first, second) : parallelRows(path, first, second);
  const left = tally();
  const name = `${first}-${second}`;
  left.count(name, "an empty side, or the same text twice", skipped);
  const full = rows
    .map(({ a, b }) => ({ a: a.trim(), b: b.trim() }))
    .filter(({ a, b }) => {
      if (a === "" || b === "") left.count(name, "an empty side");
      else if (a === b) left.count(name, "the same text twice");
      return a !== "" && b !== "" && a !== b;
    });
  const pairs = distinct(full, ({ a, b }) => `${a}\t${b}`);
  left.count(name, "a repeated pair", full.length - pairs.length);
  if (pairs.length > 0) return { pairs, sources, leftOut: left.list() };
  throw new Error(`${path}: no pair of ${first} and ${second} with two different texts.`);
}

interface Rows {
  rows: { a: string; b: string }[];
  /** left out by the reader already */
  skipped: number;
  sources: Source[];
}

const isTsv = (path: string): boolean => path.endsWith(".tsv") && !isFolder(path);

/** The columns are the languages of the header, of the file's name, or those asked for in their order. */
function tsvRows(path: string, first: string, second: string): Rows {
  const file = readSource(path);
  const wanted = [language(first), language(second)] as const;
  const header = languageHeader(file.lines[0]!, wanted);
  const named = languagePairInName(path);
  const order = named && wanted.every((entry) => named.includes(entry)) ? named : wanted;
  const [a, b] = wanted.map((entry) => header?.get(entry) ?? order.indexOf(entry)) as [number, number];
  const rows = file.lines.slice(header ? 1 : 0).map((line) => {
    const columns = line.split("\t");
    return { a: columns[a] ?? "", b: columns[b] ?? "" };
  });
  return { rows, skipped: 0, sources: [file.source("parallel", rows.length)] };
}

function parallelRows(path: string, first: string, second: string): Rows {
  const { pairs, skipped, sources } = readParallel(path, [first, second]);
  return { rows: pairs, skipped, sources };
}
