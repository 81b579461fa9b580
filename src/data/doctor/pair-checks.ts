import type { DataFile } from "./data-file.ts";
import { type DataFinding, type Hit, rowsFinding } from "./finding.ts";
import { foreignTexts } from "./foreign-script.ts";

/** Two texts that translate one another. */
export interface CheckedPair {
  place: string;
  a: { text: string; language?: string };
  b: { text: string; language?: string };
}

/** The pairs of a file whose rows have both sides. */
export function pairsOf({ rows, pair }: DataFile): CheckedPair[] {
  if (!pair) return [];
  return rows.flatMap(({ place, cells }) => {
    const [a, b] = pair.map((name) => cells.find((cell) => cell.name === name));
    return a && b ? [{ place, a, b }] : [];
  });
}

/** A pair is an outlier from this many times the usual ratio of lengths on. */
const outlierFactor = 3;
/** Short texts vary too much. */
const shortest = 20;
/** With fewer pairs there is no usual ratio. */
const enoughPairs = 20;

/** What is wrong between the two sides; `file` names them in the findings. */
export function pairFindings(file: string, pairs: readonly CheckedPair[]): DataFinding[] {
  const full = pairs.filter(({ a, b }) => a.text.trim() !== "" && b.text.trim() !== "");
  const [first] = full;
  const language = first?.a.language && first.b.language ? `${first.a.language}-${first.b.language}` : "";
  const hit = ({ place, a, b }: CheckedPair): Hit => ({ place, text: `${a.text} | ${b.text}` });
  const report = (check: string, severity: DataFinding["severity"], message: string, hits: readonly CheckedPair[]) =>
    rowsFinding({ check, severity, file, language, message }, hits.map(hit));
  const identical = full.filter(({ a, b }) => a.text.trim() === b.text.trim() && /\p{L}/u.test(a.text));
  return [
    ...report("identical", "warning", "Source and target are the same text.", identical),
    ...report(
      "length-ratio",
      "warning",
      "One side is 3 times as long as usual beside the other.",
      lengthOutliers(full),
    ),
    ...report("swapped", "warning", "Each side is in the other side's script.", swapped(full)),
    ...report(
      "repeated-side",
      "note",
      "A side has another translation in another row; in one batch they are false negatives.",
      repeated(full),
    ),
  ];
}

function lengthOutliers(pairs: readonly CheckedPair[]): CheckedPair[] {
  if (pairs.length < enoughPairs) return [];
  const ratio = ({ a, b }: CheckedPair) => a.text.length / b.text.length;
  const sorted = Float64Array.from(pairs, ratio).sort();
  const usual = sorted[Math.floor(sorted.length / 2)]!;
  return pairs.filter((pair) => {
    if (Math.max(pair.a.text.length, pair.b.text.length) < shortest) return false;
    const off = ratio(pair) / usual;
    return off > outlierFactor || off < 1 / outlierFactor;
  });
}

function swapped(pairs: readonly CheckedPair[]): CheckedPair[] {
  const [left, right] = [pairs[0]?.a.language, pairs[0]?.b.language];
  if (left === undefined || right === undefined) return [];
  const keep = (from: readonly CheckedPair[], side: "a" | "b", code: string, foreign: boolean): CheckedPair[] => {
    const found = new Set(
      foreignTexts(
        from.map((pair) => pair[side].text),
        code,
      ),
    );
    return from.filter((_, i) => found.has(i) === foreign);
  };
  const neither = keep(keep(pairs, "a", left, true), "b", right, true);
  return keep(keep(neither, "a", right, false), "b", left, false);
}

function repeated(pairs: readonly CheckedPair[]): CheckedPair[] {
  const lefts = new Map<string, string>();
  const rights = new Map<string, string>();
  return pairs.filter(({ a, b }) => {
    const [before, beforeRight] = [lefts.get(a.text), rights.get(b.text)];
    lefts.set(a.text, before ?? b.text);
    rights.set(b.text, beforeRight ?? a.text);
    return (before !== undefined && before !== b.text) || (beforeRight !== undefined && beforeRight !== a.text);
  });
}
