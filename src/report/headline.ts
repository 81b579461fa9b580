import type { HeadlineRow, MeasureSection, ReportData, SimilaritySection, TaskSection } from "./data.ts";
import { decimal, percent, points, probability, change as signedDecimal } from "./format.ts";
import type { groupsOf } from "./paired.ts";
import { stages } from "./results.ts";
import { groupChange, groupMean } from "./similarity.ts";
import { metricTitle } from "./titles.ts";

type Groups = ReturnType<typeof groupsOf>;

function taskRows(section: TaskSection): HeadlineRow[] {
  return section.groups.map(({ label, before, after, comparison }) => ({
    measure: `${section.title}, ${metricTitle(section.metric)}`,
    group: label,
    unit: "percent",
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(comparison && {
      difference: comparison.difference,
      low: comparison.low,
      high: comparison.high,
      p: comparison.p,
      n: comparison.n,
    }),
  }));
}

function similarityRows(section: SimilaritySection, groups: Groups): HeadlineRow[] {
  const { layer, pooling } = section.quoted;
  const quoted = section.metrics.filter((metric) => metric !== "margin_p1");
  return quoted.flatMap((metric) =>
    groups.flatMap(({ group, label }): HeadlineRow[] => {
      if (group === "pivot" || group === "others") return [];
      const at = { metric, pooling, layer, group };
      const before = groupMean(section, { ...at, stage: "before" });
      const after = groupMean(section, { ...at, stage: "after" });
      if (!before && !after) return [];
      const change = groupChange(section, at);
      return [
        {
          measure: `${similarityTitle(metric)}, layer ${layer}, ${pooling} pooling`,
          group: label,
          unit: "percent",
          ...(before && { before: before.value }),
          ...(after && { after: after.value }),
          ...(change && { difference: change.value, low: change.low, high: change.high }),
        },
      ];
    }),
  );
}

function measureRows(section: MeasureSection, groups: Groups): HeadlineRow[] {
  return groups.flatMap(({ group, label, members }): HeadlineRow[] => {
    const rows = section.rows.filter((row) => members.has(row.language));
    if (group === "others" || rows.length === 0) return [];
    const row: HeadlineRow = { measure: section.title, group: label, unit: "bits" };
    for (const stage of stages) {
      const values = rows.map((entry) => entry[stage]?.value).filter((value) => value !== undefined);
      if (values.length === rows.length) row[stage] = values.reduce((sum, value) => sum + value, 0) / values.length;
    }
    if (row.before !== undefined && row.after !== undefined) row.difference = row.after - row.before;
    return [row];
  });
}

/** What a similarity metric is called. */
export function similarityTitle(metric: string): string {
  if (metric === "retrieval_p1") return "Retrieval P@1";
  if (metric === "margin_p1") return "Retrieval by margin";
  return metric === "mexa" ? "MEXA" : metric.replaceAll("_", " ");
}

/** The table of the first screen: every measure by group of languages. */
export function headlineRows(data: Pick<ReportData, "tasks" | "similarity" | "bits">, groups: Groups): HeadlineRow[] {
  return [
    ...data.tasks.filter(({ primary }) => primary).flatMap(taskRows),
    ...(data.similarity ? similarityRows(data.similarity, groups) : []),
    ...data.bits.flatMap((section) => measureRows(section, groups)),
  ];
}

/** The cells of a headline row as text, the same in the terminal, in Markdown and in HTML. */
export function headlineCells(row: HeadlineRow): string[] {
  const value = row.unit === "percent" ? percent : decimal;
  const difference = row.unit === "percent" ? points : signedDecimal;
  const interval = row.low === undefined ? "–" : `${difference(row.low)} to ${difference(row.high)}`;
  return [value(row.before), value(row.after), difference(row.difference), interval, probability(row.p)];
}

export const headlineColumns = ["measure", "languages", "before", "after", "difference", "95 % interval", "p"];

/** The headline as an aligned plain-text table for the terminal, closed by a newline. */
export function headlineTable(data: ReportData): string {
  if (data.headline.length === 0) return "Nothing was measured in this run folder.\n";
  // the narrow space of print is a riddle to many terminals
  const plain = (text: string) => text.replaceAll("\u202f", " ");
  const body = data.headline.map((row, index) => {
    const repeated = data.headline[index - 1]?.measure === row.measure;
    return [repeated ? "" : row.measure, row.group, ...headlineCells(row).map(plain)];
  });
  const widths = headlineColumns.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]!.length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ");
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(headlineColumns), rule, ...body.map(line)].map((text) => `${text.trimEnd()}\n`).join("");
}
