import type { Change, ComparisonReport, ComparisonSection, Gate } from "./compare-data.ts";
import { plain } from "./compare-format.ts";
import { probability } from "./format.ts";
import { languageName } from "./languages.ts";
import { metricTitle } from "./titles.ts";

export interface GateOptions {
  /** percentage points that a value may fall */
  points: number;
  /** count only falls of which the corrected p is below 5 % */
  significant: boolean;
}

/** Metrics that run from 0 to 100 as they are; accuracies are fractions. */
const inPoints = /^(sp)?bleu$|^chrf|^ter$/i;
/** Metrics of which a percentage point is no unit; the gate does not look at them. */
const withoutPoints = new Set([
  "bits_per_byte",
  "perplexity",
  "word_perplexity",
  "byte_perplexity",
  "fertility",
  "length_ratio",
]);

/** What --fail-if-worse finds: languages, and all of a task's languages together, that fell by more than the points. */
export function gateOf(sections: readonly ComparisonSection[], { points, significant }: GateOptions): Gate {
  const worse = sections
    .filter(({ metric }) => !withoutPoints.has(metric))
    .flatMap((section) => {
      const rows = [
        ...section.rows.map(({ language, changes }) => ({ row: language, changes })),
        ...section.pooled.slice(0, 1).map(({ label, changes }) => ({ row: label, changes })),
      ];
      return rows.flatMap(({ row, changes }) =>
        changes
          .filter((change) => fallOf(section, change) > points + 1e-9 && (!significant || isSignificant(change)))
          .map((change) => ({ section: section.title, metric: section.metric, row, change })),
      );
    });
  return { points, significant, failed: worse.length > 0, worse };
}

/** How far a value fell, in percentage points; below zero where it rose. */
function fallOf(
  { metric, lower_is_better }: Pick<ComparisonSection, "metric" | "lower_is_better">,
  change: Change,
): number {
  const scale = inPoints.test(metric) ? 1 : 100;
  return (lower_is_better ? change.difference : -change.difference) * scale;
}

const isSignificant = ({ p, adjusted }: Change): boolean => (adjusted ?? p) < 0.05;

/** Why a gate failed, one line for each fall. */
export function gateText({ gate, sections }: ComparisonReport): string {
  if (!gate) return "";
  const kind = gate.significant ? "significantly by" : "by";
  if (!gate.failed) return `Nothing fell ${kind} more than ${gate.points} percentage points.\n`;
  const lines = gate.worse.map(({ section: title, metric, row, change }) => {
    const section = sections.find((each) => each.title === title && each.metric === metric)!;
    const fall = fallOf(section, change).toFixed(1);
    const p = `p ${plain(probability(change.adjusted ?? change.p))}`;
    return `  ${title}, ${metricTitle(metric)}, ${languageName(row)}: ${change.system} ${section.lower_is_better ? "rose" : "fell"} by ${fall} points, ${p}\n`;
  });
  return `Worse ${kind} more than ${gate.points} percentage points:\n${lines.join("")}`;
}
