import type { DiagnosisRecord } from "../run/diagnosis.ts";
import type { LensRow, ResultRow } from "../run/records.ts";
import { type Diagnosed, type DiagnosedLanguage, diagnosed, type Ranked } from "./diagnosis-data.ts";
import { pairLanguage } from "./languages.ts";
import { distinct } from "./lens-rows.ts";
import { accuracyMetrics } from "./titles.ts";

/** What a diagnosis is derived from. */
export interface Sources {
  similarity: LensRow[];
  choose: LensRow[];
  results: ResultRow[];
  record: DiagnosisRecord;
}

type Unranked = Omit<Ranked, "rank">;

export const ofPair = (rows: LensRow[], metric: string, pooling: string, code: string): LensRow[] =>
  rows.filter(
    (row) =>
      row.metric === metric && row.pooling === pooling && row.pair !== undefined && pairLanguage(row.pair) === code,
  );

function bestLayer(rows: LensRow[]): Unranked | undefined {
  const best = rows.toSorted((a, b) => b.value - a.value || a.layer - b.layer)[0];
  return best && { value: best.value, low: best.low ?? best.value, high: best.high ?? best.value, layer: best.layer };
}

/** The interval of a result row. */
const asUnranked = ({ value, low, high }: ResultRow): Unranked => ({ value, low, high });

/** What a language's text costs in bits, relative to the same text in the pivot. */
function costOf(bits: ResultRow | undefined, pivot: ResultRow | undefined, bytes: DiagnosisRecord["bytes"]) {
  if (bits === undefined || pivot === undefined || bytes === undefined) return undefined;
  const scale = bytes[bits.language]! / (pivot.value * bytes[pivot.language]!);
  return { value: bits.value * scale, low: bits.low * scale, high: bits.high * scale };
}

/** Everything that is known of a language; retrieval and MEXA at their best layers. */
export function measuresOf(
  code: string,
  pivot: string,
  { similarity, results, record }: Sources,
  task: string | undefined,
) {
  const row = (metric: string, language = code) =>
    results.find((each) => each.task === "flores" && each.metric === metric && each.language === language);
  const answered = results.find(
    (each) => each.task === task && each.language === code && each.metric === accuracyMetrics[0],
  );
  const bits = row("bits_per_byte");
  const fertility = row("fertility");
  const found: Partial<Record<Diagnosed, Unranked | undefined>> = {
    fertility: fertility && asUnranked(fertility),
    cost: costOf(bits, row("bits_per_byte", pivot), record.bytes),
    bits: bits && asUnranked(bits),
    retrieval: bestLayer(ofPair(similarity, "retrieval_p1", poolingFor(similarity, "mean"), code)),
    mexa: bestLayer(ofPair(similarity, "mexa", poolingFor(similarity, "weighted"), code)),
    accuracy: answered && asUnranked(answered),
  };
  return found;
}

/** The pooling where it was computed, else the first one. */
export function poolingFor(rows: LensRow[], wanted: string): string {
  const all = distinct(rows.map(({ pooling }) => pooling));
  return all.includes(wanted) ? wanted : (all[0] ?? wanted);
}

/** Fewer tokens, bits and bytes are better; of the rest more is. */
const lessIsBetter = new Set<Diagnosed>(["fertility", "cost", "bits"]);

/** The measures of all languages with their ranks. */
export function withRanks(
  all: readonly Partial<Record<Diagnosed, Unranked | undefined>>[],
): DiagnosedLanguage["measures"][] {
  const ranked = all.map((): DiagnosedLanguage["measures"] => ({}));
  for (const measure of diagnosed) {
    const values = all.map((each) => each[measure]?.value);
    for (const [i, found] of all.entries()) {
      const own = found[measure];
      if (own === undefined) continue;
      const better = (value: number | undefined) =>
        value !== undefined && (lessIsBetter.has(measure) ? value < own.value : value > own.value);
      ranked[i]![measure] = { ...own, rank: 1 + values.filter(better).length };
    }
  }
  return ranked;
}

/** Levels of bits per byte do not compare across scripts, so they count only where nothing better is known. */
export function meanRank(measures: DiagnosedLanguage["measures"]): number {
  const counted = diagnosed.filter((measure) => measure !== "bits" || measures.cost === undefined);
  const ranks = counted.flatMap((measure) => measures[measure]?.rank ?? []);
  return ranks.length === 0 ? Number.POSITIVE_INFINITY : ranks.reduce((a, b) => a + b, 0) / ranks.length;
}
