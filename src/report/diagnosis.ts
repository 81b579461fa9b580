import { existsSync } from "node:fs";
import { type DiagnosisRecord, diagnosisPath } from "../run/diagnosis.ts";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type LensFile, type LensRow, type ModelIdentity, modelKey, type ResultRow } from "../run/records.ts";
import { pairLanguage } from "./languages.ts";
import { distinct } from "./lens-rows.ts";
import { accuracyMetrics } from "./titles.ts";

/** A value with its interval, and the language's rank by it, 1 for the best. */
export interface Ranked {
  value: number;
  low: number;
  high: number;
  rank: number;
  /** where it was best, of measures by layer */
  layer?: number;
}

/** The measures that languages are ranked by, in the order of the table. */
export const diagnosed = ["fertility", "cost", "bits", "retrieval", "mexa", "accuracy"] as const;
export type Diagnosed = (typeof diagnosed)[number];

export interface DiagnosedLanguage {
  language: string;
  /** mean of its ranks: what the table is sorted by */
  rank: number;
  measures: Partial<Record<Diagnosed, Ranked>>;
  /** layers at which its retrieval lies clearly below that of most other languages */
  apart: number[];
  /** whether retrieval lies above that of shuffled pairs at any layer */
  found: boolean;
}

/** A place for the contrastive objective with its evidence. */
export interface DiagnosedPlace {
  layer: number;
  pooling: string;
  frozen: number;
  aligned: number;
  low: number;
  high: number;
  shuffled: number;
}

/** How a model treats its languages, derived from the files of a run folder. */
export interface Diagnosis {
  languages: DiagnosedLanguage[];
  layers: number[];
  /** what retrieval and MEXA were pooled by */
  poolings: { retrieval: string; mexa: string };
  sentences: number;
  task?: { name: string; items: number; chance?: number };
  /** best first, one per pooling */
  places: DiagnosedPlace[];
  missing: string[];
  seconds: number;
}

interface Sources {
  similarity: LensRow[];
  choose: LensRow[];
  results: ResultRow[];
  record: DiagnosisRecord;
}

type Unranked = Omit<Ranked, "rank">;

const ofPair = (rows: LensRow[], metric: string, pooling: string, code: string): LensRow[] =>
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

function measuresOf(code: string, pivot: string, { similarity, results, record }: Sources, task: string | undefined) {
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
function poolingFor(rows: LensRow[], wanted: string): string {
  const all = distinct(rows.map(({ pooling }) => pooling));
  return all.includes(wanted) ? wanted : (all[0] ?? wanted);
}

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Layers at which the upper end of the language's band lies below the others' median, and that median above shuffled pairs. */
function layersApart(code: string, others: readonly string[], rows: LensRow[], layers: readonly number[]): number[] {
  if (others.length < 2) return [];
  const pooling = poolingFor(rows, "mean");
  const at = (language: string, layer: number) =>
    ofPair(rows, "retrieval_p1", pooling, language).find((row) => row.layer === layer);
  return layers.filter((layer) => {
    const own = at(code, layer);
    const rest = others.flatMap((language) => at(language, layer) ?? []);
    if (own === undefined || rest.length < 2) return false;
    const usual = median(rest.map(({ value }) => value));
    return (own.high ?? own.value) < usual && usual > median(rest.map((row) => row.shuffled_high ?? 0));
  });
}

/** Fewer tokens, bits and bytes are better; of the rest more is. */
const lessIsBetter = new Set<Diagnosed>(["fertility", "cost", "bits"]);

function withRanks(all: readonly Partial<Record<Diagnosed, Unranked | undefined>>[]): DiagnosedLanguage["measures"][] {
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
function meanRank(measures: DiagnosedLanguage["measures"]): number {
  const counted = diagnosed.filter((measure) => measure !== "bits" || measures.cost === undefined);
  const ranks = counted.flatMap((measure) => measures[measure]?.rank ?? []);
  return ranks.length === 0 ? Number.POSITIVE_INFINITY : ranks.reduce((a, b) => a + b, 0) / ranks.length;
}

function placesOf(rows: readonly LensRow[]): DiagnosedPlace[] {
  const ranked = rows.filter(({ metric }) => metric === "rank").toSorted((a, b) => a.value - b.value);
  const poolings = new Set<string>();
  return ranked.flatMap(({ layer, pooling = "" }) => {
    if (poolings.has(pooling)) return [];
    poolings.add(pooling);
    const at = (metric: string) =>
      rows.find((row) => row.metric === metric && row.layer === layer && row.pooling === pooling)!;
    const aligned = at("aligned_p1");
    const { value, low = value, high = value, shuffled = 0 } = aligned;
    return [{ layer, pooling, frozen: at("frozen_p1").value, aligned: value, low, high, shuffled }];
  });
}

function taskOf(results: readonly ResultRow[]): Diagnosis["task"] {
  const row = results.find(({ metric, task }) => metric === accuracyMetrics[0] && task !== "flores");
  return row && { name: row.task, items: row.n, ...(row.chance !== undefined && { chance: row.chance }) };
}

function derive(sources: Sources): Diagnosis {
  const { similarity, choose, results, record } = sources;
  const pairs = distinct(similarity.map(({ pair }) => pair));
  const others = pairs.map(pairLanguage);
  const pivot = pairs[0]?.split("-").find((code) => code !== others[0]) ?? "en";
  const layers = distinct(similarity.map(({ layer }) => layer));
  const task = taskOf(results);
  const found = withRanks(others.map((code) => measuresOf(code, pivot, sources, task?.name)));
  const languages = others.map((language, i): DiagnosedLanguage => {
    const rows = ofPair(similarity, "retrieval_p1", poolingFor(similarity, "mean"), language);
    const rest = others.filter((code) => code !== language);
    return {
      language,
      rank: meanRank(found[i]!),
      measures: found[i]!,
      apart: layersApart(language, rest, similarity, layers),
      found: rows.some(({ low = 0, shuffled_high = 0 }) => low > shuffled_high),
    };
  });
  return {
    languages: languages.toSorted((a, b) => a.rank - b.rank),
    layers,
    poolings: { retrieval: poolingFor(similarity, "mean"), mexa: poolingFor(similarity, "weighted") },
    sentences: similarity.find(({ metric }) => metric === "retrieval_p1")?.n ?? 0,
    ...(task && { task }),
    places: placesOf(choose),
    missing: record.missing,
    seconds: record.seconds,
  };
}

/** The diagnosis of a folder that `diagnose` wrote; undefined for other run folders. */
export function diagnosisOf(
  folder: RunFolder,
  model: ModelIdentity | undefined,
  results: ResultRow[],
): Diagnosis | undefined {
  const path = diagnosisPath(folder);
  if (model === undefined || !existsSync(path)) return undefined;
  const lens = (name: string): LensRow[] => {
    const file = folder.lens(modelKey(model), name);
    return existsSync(file) ? readJson<LensFile>(file).rows : [];
  };
  const sources = { similarity: lens("similarity"), choose: lens("choose"), results };
  return derive({ ...sources, record: readJson<DiagnosisRecord>(path) });
}
