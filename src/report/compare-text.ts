import type { Change, ComparisonReport, ComparisonSection } from "./compare-data.ts";
import { formatOf, plain } from "./compare-format.ts";
import { remarks } from "./compare-remarks.ts";
import { percent, points, probability } from "./format.ts";
import { languageName } from "./languages.ts";
import { metricTitle } from "./titles.ts";

/** Columns under their heads; the first `left` ones are words. A rule stands above the rows after `body`. */
function table(head: string[], body: string[][], summary: string[][], left: number): string {
  const all = [head, ...body, ...summary].map((row) => row.map(plain));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  if (summary.length > 0) lines.splice(1 + body.length, 0, rule);
  return lines.join("\n");
}

function changesTable(section: ComparisonSection, several: boolean): string {
  const { value, change } = formatOf(section);
  const cells = (label: string, row: Change): string[] => [
    label,
    ...(several ? [row.system] : []),
    `${row.n}${row.paired ? "" : "u"}`,
    value(row.before),
    value(row.after),
    change(row.difference),
    `${change(row.low)} to ${change(row.high)}`,
    probability(row.p),
    row.adjusted === undefined ? "" : probability(row.adjusted),
    value(row.detectable),
  ];
  const rowsOf = (label: string, changes: readonly Change[]) =>
    changes.map((row, i) => cells(i === 0 ? label : "", row));
  const columns = ["n", "A", several ? "system" : "B", "change", "95 % interval", "p", "p corr.", "detects"];
  return table(
    ["language", ...(several ? ["system"] : []), ...columns],
    section.rows.flatMap(({ language, changes }) => rowsOf(languageName(language), changes)),
    section.pooled.flatMap(({ label, languages, changes }, i) =>
      rowsOf(i === 0 ? label : `${label} (${languages.length})`, changes),
    ),
    several ? 2 : 1,
  );
}

function gapsTable({ gaps }: ComparisonSection, several: boolean): string[] {
  // each language by itself is in the JSON
  const groups = gaps.filter(({ label, languages }, i) => i === 0 || label !== languages[0]);
  const rows = groups.flatMap(({ label, languages, systems: [baseline, ...others] }, i) =>
    others.map(({ system, value, change }, s) => [
      s > 0 ? "" : i === 0 ? label : `${label} (${languages.length})`,
      ...(several ? [system] : []),
      percent(baseline!.value),
      percent(value),
      points(change!.value),
      `${points(change!.low)} to ${points(change!.high)}`,
    ]),
  );
  const columns = ["A", several ? "system" : "B", "change", "95 % interval"];
  const head = ["behind English", ...(several ? ["system"] : []), ...columns];
  return rows.length > 0 ? [table(head, rows, [], several ? 2 : 1)] : [];
}

/** Lines no longer than the terminal that everyone has. */
function wrap(text: string, width = 100): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ` ${word}`;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

const legend =
  "n: items that both did (u: unpaired) · p corr.: corrected over languages · detects: smallest change found in 4 of 5 samples";

/** A comparison for a terminal of 100 columns. */
export function comparisonText(report: ComparisonReport): string {
  const letters = report.systems.map(({ letter }) => letter);
  const systems = report.systems.map(({ letter, model, path }) => `${letter}  ${model.name}  ${path}`);
  const several = report.systems.length > 2;
  const sections = report.sections.map((section) => {
    const setting = section.prompts === "" ? "" : `, prompts ${section.prompts}`;
    const title = `${section.title}: ${metricTitle(section.metric)}${setting}`;
    const below = remarks(section, letters).map((line) => wrap(line));
    return [title, changesTable(section, several), ...gapsTable(section, several), ...below].join("\n");
  });
  const notes = [legend, ...report.notes].map((note) => wrap(note));
  return `${[systems.join("\n"), ...sections, notes.join("\n")].join("\n\n")}\n`;
}
