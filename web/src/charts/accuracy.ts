import type { ChartData, TaskSection } from "../data.ts";
import { languageOf } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { percent, probability, signed } from "../format.ts";
import { type DumbbellRow, dumbbell } from "./dumbbell.ts";

type Row = TaskSection["rows"][number];

function describe(name: string, row: Row): string {
  const { before, after, comparison } = row;
  const lines = [name];
  if (before) lines.push(`before  ${percent(before.value)}  (${percent(before.low)} to ${percent(before.high)})`);
  if (after) lines.push(`after  ${percent(after.value)}  (${percent(after.low)} to ${percent(after.high)})`);
  if (comparison) {
    const { difference, low, high, gained, lost, adjusted } = comparison;
    lines.push(
      `difference  ${signed(difference * 100, 1)} points  (${signed(low * 100, 1)} to ${signed(high * 100, 1)})`,
    );
    lines.push(`${gained} answers gained, ${lost} lost of ${comparison.n}`);
    lines.push(`p ${probability(comparison.p)}, adjusted ${probability(adjusted ?? comparison.p)}`);
  }
  return [...lines, ...row.flags].join("\n");
}

function rowOf(data: ChartData, row: Row, chance: number | undefined): DumbbellRow {
  const { name, code, group } = languageOf(data, row.language);
  const { comparison, before, after, majority } = row;
  const telling = majority !== undefined && chance !== undefined && Math.abs(majority - chance) > 0.005;
  return {
    label: name,
    code,
    group,
    ...(before && { before }),
    ...(after && { after }),
    note: comparison ? signed(comparison.difference * 100, 1) : percent((after ?? before)!.value),
    strong: (comparison?.adjusted ?? 1) < 0.05,
    title: describe(name, row),
    ...(telling && { tick: majority }),
  };
}

/** A panel per task: accuracy by language before and after. */
export function drawAccuracy(canvas: HTMLElement, data: ChartData): void {
  canvas.classList.add("panels");
  for (const section of data.tasks.filter(({ primary }) => primary)) {
    const rows = section.rows.map((row) => rowOf(data, row, section.chance));
    const plotted = element("div");
    canvas.append(element("div", { class: "panel" }, element("h3", {}, section.title), plotted));
    drawToWidth(plotted, (width) =>
      dumbbell(rows, {
        width,
        ariaLabel: `${section.title}: accuracy by language before and after`,
        format: (value) => percent(value, 0),
        rules: section.chance === undefined ? [] : [{ value: section.chance, label: "chance" }],
        keepGroupsApart: true,
        noteWidth: 48,
      }),
    );
  }
}
