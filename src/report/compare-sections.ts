import type { ResultRow } from "../run/records.ts";
import { type Correction, corrections } from "../stats/corrections.ts";
import { labelFlags } from "../stats/label-flags.ts";
import type { PairedItem } from "../stats/paired-change.ts";
import { deviation, mean } from "../stats/spread.ts";
import { changeOfItems, changeOfResults, meanOfChanges } from "./compare-changes.ts";
import type { Change, ComparisonRow, ComparisonSection, PooledRow, SystemValue } from "./compare-data.ts";
import { gapRows, type SectionSystem } from "./compare-gaps.ts";
import type { LanguageGroup } from "./compare-groups.ts";
import { itemsOf, pairItems } from "./compare-items.ts";
import { pivot } from "./languages.ts";
import { accuracyMetrics, lowerIsBetter, taskTitle } from "./titles.ts";

/** Builds one section; `systems` have their rows of it, the baseline first. */
export function comparisonSection(
  setting: Pick<ResultRow, "task" | "shots" | "prompts" | "metric">,
  systems: readonly SectionSystem[],
  groups: readonly LanguageGroup[],
  correction: Correction,
): ComparisonSection {
  const { task, shots, prompts, metric } = setting;
  const languages = languagesOf(systems);
  const pairs = new Map(languages.map((language) => [language, pairsOf(systems, language)]));
  const rows = languages.map((language) => comparisonRow(language, systems, pairs.get(language)!));
  correct(
    rows.flatMap(({ changes }) => changes),
    correction,
  );
  const all: LanguageGroup = { label: `all ${languages.length}`, languages: new Set(languages) };
  const behind: LanguageGroup = { label: "all but English", languages: new Set(languages.filter((x) => x !== pivot)) };
  const isAccuracy = accuracyMetrics.includes(metric) && languages.includes(pivot);
  const single = [...behind.languages].map((code) => ({ label: code, languages: new Set([code]) }));
  return {
    ...setting,
    // what has no prompts has no demonstrations either
    title: prompts === "" ? taskTitle(task) : `${taskTitle(task)}, ${shots === 0 ? "zero-shot" : `${shots}-shot`}`,
    seeds: [...new Set(systems.flatMap((each) => [...each.rows.values()].flat().map(({ seed }) => seed)))],
    lower_is_better: lowerIsBetter.has(metric),
    rows,
    pooled: [all, ...groups].flatMap((group) => pooledRow(group, rows, pairs)),
    gaps: isAccuracy ? gapRows(systems, [behind, ...groups, ...(single.length > 1 ? single : [])]) : [],
  };
}

/** English first, then as the baseline has them. */
function languagesOf(systems: readonly SectionSystem[]): string[] {
  const [baseline, ...others] = systems;
  const shared = [...baseline!.rows.keys()].filter((code) => others.some(({ rows }) => rows.has(code)));
  return shared.sort((a, b) => Number(b === pivot) - Number(a === pivot));
}

/** By system after the baseline: the items that both answered in a language, under each seed that both drew. */
type Pairs = PairedItem[][];

function pairsOf([baseline, ...others]: readonly SectionSystem[], language: string): Pairs {
  const before = baseline!.rows.get(language) ?? [];
  return others.map(({ system, rows }) =>
    before.flatMap((row) => {
      const later = rows.get(language)?.find(({ seed }) => seed === row.seed);
      return later ? pairItems(itemsOf(baseline!.system, row), itemsOf(system, later)) : [];
    }),
  );
}

function comparisonRow(language: string, systems: readonly SectionSystem[], pairs: Pairs): ComparisonRow {
  const [baseline, ...others] = systems;
  const before = meanRow(baseline!.rows.get(language)!);
  const changes = others.flatMap(({ letter, rows }, i): Change[] => {
    const own = rows.get(language);
    if (!own) return [];
    const items = pairs[i]!;
    return [items.length > 0 ? changeOfItems(letter, items) : changeOfResults(letter, before, meanRow(own))];
  });
  return {
    language,
    values: systems.map(({ rows }) => (rows.has(language) ? systemValue(rows.get(language)!) : null)),
    ...(before.chance !== undefined && { chance: before.chance }),
    ...(before.majority !== undefined && { majority: before.majority }),
    changes,
  };
}

/** The mean over seeds: the items are the same, so the intervals do not shrink. */
function meanRow(rows: readonly ResultRow[]): ResultRow {
  const over = (pick: (row: ResultRow) => number) => mean(rows.map(pick));
  const predictions: Record<string, number> = {};
  for (const row of rows)
    for (const [label, count] of Object.entries(row.predictions ?? {}))
      predictions[label] = (predictions[label] ?? 0) + count;
  return {
    ...rows[0]!,
    predictions,
    value: over(({ value }) => value),
    low: over(({ low }) => low),
    high: over(({ high }) => high),
  };
}

function systemValue(rows: readonly ResultRow[]): SystemValue {
  const row = meanRow(rows);
  const { value, low, high, n } = row;
  const spread = rows.length > 1 ? { seed_deviation: deviation(rows.map((each) => each.value)) } : {};
  return { value, low, high, n, ...spread, flags: labelFlags(row) };
}

function pooledRow(
  { label, languages }: LanguageGroup,
  rows: readonly ComparisonRow[],
  pairs: ReadonlyMap<string, Pairs>,
): PooledRow[] {
  const members = rows.filter((row) => languages.has(row.language));
  if (members.length < 2) return [];
  const letters = [...new Set(members.flatMap(({ changes }) => changes.map(({ system }) => system)))];
  const changes = letters.map((letter) => {
    const own = members.flatMap((row) => row.changes.filter(({ system }) => system === letter));
    // the paired rows tell more, and cannot be mixed with the others
    if (!own.some(({ paired }) => paired)) return meanOfChanges(letter, own);
    const at = systemIndex(letter);
    return changeOfItems(
      letter,
      members.flatMap((row) => pairs.get(row.language)![at - 1] ?? []),
    );
  });
  return [{ label, languages: members.map(({ language }) => language), changes }];
}

/** "A" is 0. */
export const systemLetter = (index: number): string => String.fromCharCode(65 + index);
const systemIndex = (letter: string): number => letter.charCodeAt(0) - 65;

function correct(changes: readonly Change[], correction: Correction): void {
  const adjusted = corrections[correction](changes.map(({ p }) => p));
  changes.forEach((change, i) => {
    change.adjusted = adjusted[i]!;
  });
}
