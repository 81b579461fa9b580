import { existsSync } from "node:fs";
import { type DiagnosisRecord, diagnosisPath } from "../run/diagnosis.ts";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type LensFile, type LensRow, type ModelIdentity, modelKey, type ResultRow } from "../run/records.ts";
import type { DiagnosedLanguage, DiagnosedPlace, Diagnosis } from "./diagnosis-data.ts";
import { meanRank, measuresOf, ofPair, poolingFor, type Sources, withRanks } from "./diagnosis-measures.ts";
import { pairLanguage } from "./languages.ts";
import { distinct } from "./lens-rows.ts";
import { accuracyMetrics } from "./titles.ts";

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
