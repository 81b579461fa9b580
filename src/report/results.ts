import { existsSync } from "node:fs";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type ModelIdentity, modelKey, type ResultRow, type ResultsFile } from "../run/records.ts";
import { labelFlags } from "../stats/label-flags.ts";
import type { Estimate, MeasureSection, TaskRow, TaskSection } from "./data.ts";
import type { MeasuredModels } from "./models.ts";
import { accuracyMetrics, lowerIsBetter, metricTitle, taskTitle } from "./titles.ts";

export type Stage = "before" | "after";
export const stages: Stage[] = ["before", "after"];

/** The rows of results.json at each stage; none where the stage was not evaluated. */
export type StageResults = Record<Stage, ResultRow[]>;

/** Reads the evaluation results of both ends of the study. */
export function readResults(folder: RunFolder, models: MeasuredModels): StageResults {
  const rows = (model: ModelIdentity | undefined): ResultRow[] => {
    const path = model && folder.results(modelKey(model));
    return path && existsSync(path) ? readJson<ResultsFile>(path).results : [];
  };
  return { before: rows(models.before), after: rows(models.after) };
}

function estimate(row: ResultRow): Estimate {
  const { value, low, high, n, predictions } = row;
  return { value, low, high, n, ...(predictions && { predictions }) };
}

/** Groups the rows of both stages by a key, in order of first appearance. */
function groupRows(results: StageResults, keyOf: (row: ResultRow) => string): Map<string, StageResults> {
  const groups = new Map<string, StageResults>();
  for (const stage of stages) {
    for (const row of results[stage]) {
      const key = keyOf(row);
      const group = groups.get(key) ?? { before: [], after: [] };
      group[stage].push(row);
      groups.set(key, group);
    }
  }
  return groups;
}

function taskRow(language: string, rows: Record<Stage, ResultRow | undefined>): TaskRow {
  const latest = rows.after ?? rows.before;
  return {
    language,
    ...(rows.before && { before: estimate(rows.before) }),
    ...(rows.after && { after: estimate(rows.after) }),
    ...(latest?.chance !== undefined && { chance: latest.chance }),
    ...(latest?.majority !== undefined && { majority: latest.majority }),
    flags: latest ? labelFlags(latest) : [],
  };
}

function byLanguage(
  rows: StageResults,
  order: string[],
): { language: string; rows: Record<Stage, ResultRow | undefined> }[] {
  return order
    .map((language) => ({
      language,
      rows: {
        before: rows.before.find((row) => row.language === language),
        after: rows.after.find((row) => row.language === language),
      },
    }))
    .filter((entry) => entry.rows.before || entry.rows.after);
}

/** The settings apart from the seed, which only draws other demonstrations. */
const settingOf = (row: ResultRow): string => [row.task, row.shots, row.prompts].join("\u0000");

/** One section per task, setting and metric, languages in report order; comparisons are added later. */
export function taskSections(results: StageResults, order: string[]): TaskSection[] {
  const isAccuracy = (row: ResultRow) => accuracyMetrics.includes(row.metric);
  const accuracies = { before: results.before.filter(isAccuracy), after: results.after.filter(isAccuracy) };
  return [...groupRows(accuracies, settingOf).values()].flatMap((ofSetting) => {
    const bySeed = [...groupRows(ofSetting, (row) => String(row.seed)).values()];
    return bySeed.flatMap((ofSeed, drawn) => {
      const byMetric = [...groupRows(ofSeed, (row) => row.metric).entries()];
      byMetric.sort(([a], [b]) => accuracyMetrics.indexOf(a) - accuracyMetrics.indexOf(b));
      // charts and headline show the first seed and the first metric; the tables have all
      return byMetric.map(([metric, rows], position) =>
        taskSection(rows, metric, position === 0 && drawn === 0, bySeed.length > 1, order),
      );
    });
  });
}

function taskSection(
  results: StageResults,
  metric: string,
  primary: boolean,
  nameSeed: boolean,
  order: string[],
): TaskSection {
  const { task, shots, seed, prompts } = (results.before[0] ?? results.after[0])!;
  const rows = byLanguage(results, order).map((entry) => taskRow(entry.language, entry.rows));
  const chances = new Set(rows.map((row) => row.chance));
  const chance = chances.size === 1 ? rows[0]?.chance : undefined;
  return {
    id: [task, shots, seed, prompts, metric].join("-").replace(/[^\w-]+/g, "_"),
    task,
    title: `${taskTitle(task)}, ${shots === 0 ? "zero-shot" : `${shots}-shot`}${nameSeed ? `, seed ${seed}` : ""}`,
    metric,
    shots,
    seed,
    prompts,
    primary,
    ...(chance !== undefined && { chance }),
    rows,
    groups: [],
  };
}

/** Every number that is not an accuracy, one section per task and metric. */
export function measureSections(results: StageResults, order: string[]): MeasureSection[] {
  const isOther = (row: ResultRow) => !accuracyMetrics.includes(row.metric);
  const others = { before: results.before.filter(isOther), after: results.after.filter(isOther) };
  const keyOf = (row: ResultRow) => [row.task, row.metric, row.shots, row.seed].join("\u0000");
  return [...groupRows(others, keyOf).values()].map((rows) => {
    const { task, metric } = (rows.before[0] ?? rows.after[0])!;
    return {
      task,
      metric,
      title: `${taskTitle(task)}: ${metricTitle(metric)}`,
      lowerIsBetter: lowerIsBetter.has(metric),
      rows: byLanguage(rows, order).map(({ language, rows: { before, after } }) => ({
        language,
        ...(before && { before: estimate(before) }),
        ...(after && { after: estimate(after) }),
      })),
    };
  });
}
