import type { ChartData, Estimate, MeasureSection } from "../data.ts";
import { languageOf } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { signed } from "../format.ts";
import { type DumbbellRow, dumbbell } from "./dumbbell.ts";

type Row = MeasureSection["rows"][number];

/** The change of a value with Newcombe's interval, which takes the two stages as independent and so is wide. */
function changeOf(before: Estimate, after: Estimate): Estimate {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(after.value - after.low, before.high - before.value),
    high: value + Math.hypot(after.high - after.value, before.value - before.low),
    n: after.n,
  };
}

function levelRow(data: ChartData, { language, before, after }: Row): DumbbellRow {
  const { name, code, group } = languageOf(data, language);
  const lines = [name];
  if (before) lines.push(`before  ${before.value.toFixed(3)}`);
  if (after) lines.push(`after  ${after.value.toFixed(3)}`);
  return {
    label: name,
    code,
    group,
    ...(before && { before }),
    ...(after && { after }),
    note: (after ?? before)!.value.toFixed(2),
    strong: false,
    title: lines.join("\n"),
  };
}

function changeRow(data: ChartData, { language, before, after }: Row): DumbbellRow[] {
  if (!before || !after) return [];
  const { name, code, group } = languageOf(data, language);
  const change = changeOf(before, after);
  const range = `${signed(change.low, 3)} to ${signed(change.high, 3)}`;
  return [
    {
      label: name,
      code,
      group,
      after: change,
      note: signed(change.value, 3),
      strong: change.low * change.high > 0,
      title: `${name}\nchange  ${signed(change.value, 3)}  (${range})`,
    },
  ];
}

function addPanel(canvas: HTMLElement, title: string, rows: DumbbellRow[], zero: boolean): void {
  if (rows.length === 0) return;
  const plotted = element("div");
  canvas.append(element("div", { class: "panel" }, element("h3", {}, title), plotted));
  drawToWidth(plotted, (width) =>
    dumbbell(rows, {
      width,
      ariaLabel: `${title} by language; lower is better`,
      format: (value) => (zero ? signed(value, 2).replace(/^±.*/, "0") : value.toFixed(1)),
      rules: zero ? [{ value: 0, label: "no change" }] : [],
      better: "← better",
      keepGroupsApart: true,
      noteWidth: 56,
    }),
  );
}

/** Bits per byte by language: the levels, and beside them the changes, which the levels are too far apart to show. */
export function drawBits(canvas: HTMLElement, data: ChartData): void {
  canvas.classList.add("panels");
  for (const section of data.bits) {
    const levels = section.rows.map((row) => levelRow(data, row));
    addPanel(canvas, section.title, levels, false);
    addPanel(
      canvas,
      "Change",
      section.rows.flatMap((row) => changeRow(data, row)),
      true,
    );
  }
}
