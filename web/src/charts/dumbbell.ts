import { axisX, dot, gridX, plot, pointer, ruleX, ruleY, text } from "@observablehq/plot";
import type { Estimate, Group } from "../data.ts";
import { groupColor } from "../data.ts";
import { withTip } from "../tip.ts";
import { axisStyle, chartStyle, gridStyle, ruleStyle } from "./style.ts";

/** One line of a dumbbell chart: a value before, a value after, and what changed in words. */
export interface DumbbellRow {
  label: string;
  code: string;
  group: Group | "others";
  before?: Estimate;
  after?: Estimate;
  /** stands at the right end */
  note: string;
  strong: boolean;
  /** shown on hover */
  title: string;
  /** a small tick of the row's own, such as the majority baseline */
  tick?: number;
}

interface DumbbellOptions {
  width: number;
  ariaLabel: string;
  format: (value: number) => string;
  /** dashed lines over all rows */
  rules: { value: number; label: string }[];
  keepGroupsApart: boolean;
  /** says which way is better, at the right end above the rows */
  better?: string;
  /** room for the notes at the right */
  noteWidth: number;
}

const rowHeight = 29;
/** Space between two groups, as a share of a row. */
const groupGap = 0.5;

/** Shifts the two values of a row apart, so that neither whisker hides the other. */
const apart = 4.5;

function domainOf(rows: DumbbellRow[], rules: DumbbellOptions["rules"]): [number, number] {
  const values = rows.flatMap(({ before, after, tick }) => [before?.low, before?.high, after?.low, after?.high, tick]);
  const known = [...values, ...rules.map(({ value }) => value)].filter((value) => value !== undefined);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const margin = (high - low || 1) * 0.05;
  return [low - margin, high + margin];
}

/** A row and where it stands, counted in rows from the top. */
type Placed = DumbbellRow & { y: number };
type Valued = Placed & { estimate: Estimate };

function place(rows: DumbbellRow[], keepGroupsApart: boolean): Placed[] {
  let y = -1;
  return rows.map((row, index) => {
    const newGroup = index > 0 && rows[index - 1]!.group !== row.group;
    y += newGroup && keepGroupsApart ? 1 + groupGap : 1;
    return { ...row, y };
  });
}

/** Rows that have a value at one stage, with that value at hand. */
const at = (rows: Placed[], stage: "before" | "after"): Valued[] =>
  rows.flatMap((row) => (row[stage] ? [{ ...row, estimate: row[stage] }] : []));

const quiet = { fill: "var(--ink-3)", fontSize: 11 };
const color = (row: DumbbellRow) => groupColor(row.group);

function valueMarks(rows: Valued[], stage: "before" | "after", offset: number) {
  const after = stage === "after";
  const common = { y: "y", dy: offset };
  return [
    ruleY(rows, {
      ...common,
      x1: (row: Valued) => row.estimate.low,
      x2: (row: Valued) => row.estimate.high,
      stroke: color,
      strokeWidth: after ? 2 : 1.25,
      strokeOpacity: after ? 0.75 : 0.5,
      strokeLinecap: "round",
    }),
    dot(rows, {
      ...common,
      x: (row: Valued) => row.estimate.value,
      r: after ? 4.5 : 3.75,
      stroke: color,
      strokeWidth: after ? 0 : 1.5,
      fill: after ? color : "var(--surface)",
    }),
  ];
}

/** Room at the left for the longest name and the longest code; letters of this size are about 7 px wide. */
const labelRoom = (rows: DumbbellRow[]): number =>
  Math.max(...rows.map(({ label }) => label.length)) * 7 + Math.max(...rows.map(({ code }) => code.length)) * 7 + 34;

function labelMarks(rows: Placed[], left: number, right: number) {
  const name = {
    y: "y",
    text: "label",
    frameAnchor: "left",
    textAnchor: "start",
    dx: -left,
    fill: "var(--ink)",
  } as const;
  const code = { y: "y", text: "code", frameAnchor: "left", textAnchor: "end", dx: -12, ...quiet } as const;
  const note = { y: "y", text: "note", frameAnchor: "right", textAnchor: "end", dx: right } as const;
  const [strong, plain] = [rows.filter((row) => row.strong), rows.filter((row) => !row.strong)];
  return [
    text(rows, name),
    text(rows, code),
    text(plain, { ...note, fill: "var(--ink-3)" }),
    text(strong, { ...note, fill: "var(--ink)", fontWeight: 700 }),
  ];
}

/** What stands behind the values: grid, axis, chance and baselines. */
function backgroundMarks(rows: Placed[], options: DumbbellOptions, ticks: number) {
  const above = { dy: -16, ...quiet };
  const baselines = rows.filter((row) => row.tick !== undefined);
  return [
    gridX({ ...gridStyle, ticks }),
    axisX({ ...axisStyle, anchor: "bottom", tickFormat: options.format, ticks }),
    ruleX(options.rules, { x: "value", ...ruleStyle }),
    text(options.rules, { x: "value", text: "label", frameAnchor: "top", ...above }),
    text(options.better ? [options.better] : [], {
      text: (label: string) => label,
      frameAnchor: "top-right",
      ...above,
    }),
    ruleX(baselines, {
      x: "tick",
      y1: (row: Placed) => row.y - 0.17,
      y2: (row: Placed) => row.y + 0.17,
      stroke: "var(--ink-3)",
    }),
  ];
}

/** The pale band that leads from before to after. */
const bridge = (rows: Placed[]) =>
  ruleY(rows, {
    x1: (row: Placed) => row.before!.value,
    x2: (row: Placed) => row.after!.value,
    y: "y",
    stroke: color,
    strokeWidth: 9,
    strokeOpacity: 0.13,
    strokeLinecap: "round",
  });

/** Draws nothing: it finds the row that the pointer is nearest to. */
const pointed = (rows: Placed[]) =>
  dot(
    rows,
    pointer({ x: (row: Placed) => (row.after ?? row.before)!.value, y: "y", r: 0, maxRadius: 60, stroke: "none" }),
  );

/** Values before (hollow) and after (filled) with their intervals, one row each. */
export function dumbbell(given: DumbbellRow[], options: DumbbellOptions): Element {
  const rows = place(given, options.keepGroupsApart);
  const end = rows.at(-1)!.y + 0.5;
  const both = rows.filter((row) => row.before && row.after);
  const offset = both.length === 0 ? 0 : apart;
  const left = labelRoom(rows);
  const right = options.noteWidth;
  const ticks = Math.max(3, Math.round((options.width - left - right) / 80));
  const drawn = plot({
    width: options.width,
    height: Math.round((end + 0.5) * rowHeight) + 54,
    marginLeft: left,
    marginRight: right,
    marginTop: 26,
    marginBottom: 28,
    style: chartStyle(),
    ariaLabel: options.ariaLabel,
    x: { domain: domainOf(rows, options.rules), label: null },
    y: { domain: [end, -0.5], axis: null },
    marks: [
      ...backgroundMarks(rows, options, ticks),
      bridge(both),
      ...valueMarks(at(rows, "before"), "before", -offset),
      ...valueMarks(at(rows, "after"), "after", offset),
      ...labelMarks(rows, left, right),
      pointed(rows),
    ],
  });
  return withTip<DumbbellRow>(drawn, ({ title }) => title);
}
