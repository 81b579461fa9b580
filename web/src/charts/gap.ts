import type { ChartData, GapRow } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { percent, signed } from "../format.ts";
import { dumbbell } from "./dumbbell.ts";

function describe(row: GapRow): string {
  const lines = [`${row.title}: ${row.label.toLowerCase()}`];
  for (const stage of ["before", "after"] as const) {
    const gap = row[stage];
    const english = row.english[stage];
    if (gap && english !== undefined)
      lines.push(`${stage}  ${percent(gap.value)} behind English at ${percent(english)}`);
  }
  return lines.join("\n");
}

/** A panel per task: the relative gap to English of each group of languages. */
export function drawGap(canvas: HTMLElement, data: ChartData): void {
  canvas.classList.add("panels");
  for (const id of new Set(data.gaps.map(({ section }) => section))) {
    const gaps = data.gaps.filter(({ section }) => section === id);
    const rows = gaps.map((row) => ({
      label: row.label.replace(" languages", ""),
      code: "",
      group: row.group,
      ...(row.before && { before: row.before }),
      ...(row.after && { after: row.after }),
      note:
        row.before && row.after
          ? signed((row.after.value - row.before.value) * 100, 1)
          : percent((row.after ?? row.before)!.value),
      strong: false,
      title: describe(row),
    }));
    const plotted = element("div");
    canvas.append(element("div", { class: "panel" }, element("h3", {}, gaps[0]!.title), plotted));
    drawToWidth(plotted, (width) =>
      dumbbell(rows, {
        width,
        ariaLabel: `${gaps[0]!.title}: relative gap to English before and after`,
        format: (value) => percent(value, 0),
        rules: [{ value: 0, label: "English" }],
        keepGroupsApart: false,
        better: "← better",
        noteWidth: 48,
      }),
    );
  }
}
