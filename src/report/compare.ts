import { UsageError } from "../run/errors.ts";
import type { ResultRow } from "../run/records.ts";
import type { Correction } from "../stats/corrections.ts";
import type { ComparisonReport } from "./compare-data.ts";
import type { SectionSystem } from "./compare-gaps.ts";
import { type GateOptions, gateOf } from "./compare-gate.ts";
import { type DescribeLanguage, type Grouping, languageGroups } from "./compare-groups.ts";
import { notesOf } from "./compare-notes.ts";
import { comparisonSection, systemLetter } from "./compare-sections.ts";
import { type ComparedSystem, comparedSystems } from "./compare-system.ts";
import { accuracyMetrics, besideMetrics } from "./titles.ts";

export interface CompareOptions {
  /** names of metrics, or "all"; by default the first accuracy of each task, and what has none */
  metrics?: readonly string[];
  groupBy: Grouping;
  correction: Correction;
  describe: DescribeLanguage;
  /** --fail-if-worse */
  gate?: GateOptions;
}

/**
 * Compares two or more sets of results, the first being the baseline, on every task, setting and language that they share.
 * @throws UsageError when they share nothing
 */
export function compareRuns(paths: readonly string[], options: CompareOptions): ComparisonReport {
  const systems = comparedSystems(paths);
  const sections = settingsOf(systems, options.metrics).map((setting) => {
    const own = systems.map((system, i) => sectionSystem(system, systemLetter(i), setting)).filter(hasRows);
    const languages = [...own[0]!.rows.keys()];
    const groups = languageGroups(languages, options.groupBy, systems, options.describe);
    return comparisonSection(setting, own, groups, options.correction);
  });
  const shown = sections.filter(({ rows }) => rows.length > 0);
  if (shown.length === 0)
    throw new UsageError(
      `${paths.join(" and ")}: no task, language, setting and metric is in both. ${systems.map(whatItHas).join(" ")}`,
    );
  return {
    systems: systems.map(({ path, model }, i) => ({ letter: systemLetter(i), path, model })),
    sections: shown,
    ...(options.gate && { gate: gateOf(shown, options.gate) }),
    notes: notesOf(systems, shown),
  };
}

type Setting = Pick<ResultRow, "task" | "shots" | "prompts" | "metric">;

const keyOf = ({ task, shots, prompts, metric }: Setting): string => [task, shots, prompts, metric].join("\u0000");

/** Settings that the baseline and another system have, in the baseline's order. */
function settingsOf([baseline, ...others]: readonly ComparedSystem[], metrics: CompareOptions["metrics"]): Setting[] {
  const elsewhere = new Set(others.flatMap(({ results }) => results.map(keyOf)));
  const settings = new Map(
    baseline!.results
      .filter((row) => elsewhere.has(keyOf(row)))
      .map(({ task, shots, prompts, metric }) => [
        keyOf({ task, shots, prompts, metric }),
        { task, shots, prompts, metric },
      ]),
  );
  const all = [...settings.values()];
  if (metrics?.includes("all")) return all;
  if (metrics) return all.filter(({ metric }) => metrics.includes(metric));
  return all.filter((setting) => isFirstAccuracy(setting, all) && !besideMetrics.includes(setting.metric));
}

/** Of several accuracies of the same answers one is enough to begin with. */
function isFirstAccuracy(setting: Setting, all: readonly Setting[]): boolean {
  const rank = accuracyMetrics.indexOf(setting.metric);
  const twins = all.filter((other) => keyOf({ ...other, metric: "" }) === keyOf({ ...setting, metric: "" }));
  return rank < 0 || !twins.some(({ metric }) => accuracyMetrics.slice(0, rank).includes(metric));
}

function sectionSystem(system: ComparedSystem, letter: string, setting: Setting): SectionSystem {
  const rows = new Map<string, ResultRow[]>();
  for (const row of system.results)
    if (keyOf(row) === keyOf(setting)) rows.set(row.language, [...(rows.get(row.language) ?? []), row]);
  return { letter, system, rows };
}

const hasRows = ({ rows }: SectionSystem): boolean => rows.size > 0;

function whatItHas({ path, results }: ComparedSystem): string {
  const settings = new Set(
    results.map(({ task, language, shots, prompts }) => `${task} ${language} ${shots}-shot${prompts && ` ${prompts}`}`),
  );
  const some = [...settings].slice(0, 4).join(", ");
  return `${path} has ${some || "none"}${settings.size > 4 ? ` and ${settings.size - 4} more` : ""}.`;
}
