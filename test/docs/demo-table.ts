import { clusters } from "../../demo/evidence/clusters.ts";
import { difference, type Group, groups, meanOf } from "../../demo/evidence/compare.ts";
import type { ResultLine } from "../../demo/evidence/rows.ts";

const percent = (value: number | undefined): string => (value === undefined ? "–" : (100 * value).toFixed(1));
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;

const cells = (row: string): string[] =>
  row
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.replaceAll("*", "").trim());

/** A row's figures from the committed results, base 0 and seed 0: a variant's accuracy, or AFP less the base model. */
function figures(lines: readonly ResultLine[], columns: readonly string[], task: string, group: Group): string[] {
  const languages = groups[group];
  const once = lines.filter(({ base, seed }) => base === 0 && seed === 0);
  return columns.map((column) => {
    if (!column.startsWith("difference"))
      return percent(meanOf(once, { variant: column === "before" ? "base" : column, task, languages }));
    const change = difference(once, { first: "base", second: "AFP", task, languages }, clusters)!;
    return `${signed(change.difference)} (${signed(change.low)} to ${signed(change.high)})`;
  });
}

/**
 * What the table between `<!-- demo table -->` and `<!-- end -->` says, and what demo/results.tsv says for the same rows and
 * columns: `| … | task | group | before | AFP | … |`.
 */
export function demoTable(text: string, lines: readonly ResultLine[]): { shown: string[]; expected: string[] } {
  const [, table = ""] = text.match(/<!-- demo table -->\n(.*?)<!-- end -->/s) ?? [];
  const [head, , ...rows] = table.split("\n").filter((row) => row.startsWith("|"));
  if (head === undefined) throw new Error("there is no table between <!-- demo table --> and <!-- end -->");
  const columns = cells(head).slice(3);
  const shown = rows.map((row) => cells(row).slice(1).join(" | "));
  const expected = rows.map((row) => {
    const [, task = "", group = ""] = cells(row);
    return [task, group, ...figures(lines, columns, task.replaceAll("`", ""), group as Group)].join(" | ");
  });
  return { shown, expected };
}
