import type { LensFile, LensRow } from "../../run/records.ts";
import { languageName } from "../languages.ts";
import type { Colour } from "../svg/palette.ts";
import type { Format, Line, Point } from "../svg/panel.ts";

/** The rows of several models under one lens, in the order of their stages. */
export type LensFiles = readonly LensFile[];

/** Rows as the points of a line, in the order of their layers. */
export const linePoints = (rows: readonly LensRow[]): Point[] =>
  rows.map(({ layer, value, low, high }) => ({ x: layer, value, low, high })).sort((a, b) => a.x - b.x);

/** The mean over rows of each layer, with the mean of their band's ends: wide, since they share sentences. */
export function meanByLayer(rows: readonly LensRow[]): Point[] {
  const layers = new Map<number, LensRow[]>();
  for (const row of rows) layers.set(row.layer, [...(layers.get(row.layer) ?? []), row]);
  const mean = (values: (number | undefined)[]) =>
    values.every((value) => value !== undefined)
      ? values.reduce((sum: number, value) => sum + value!, 0) / values.length
      : undefined;
  return [...layers]
    .sort(([a], [b]) => a - b)
    .map(([x, of]) => ({
      x,
      value: mean(of.map((row) => row.value))!,
      low: mean(of.map((row) => row.low)),
      high: mean(of.map((row) => row.high)),
    }));
}

/** The control of rows: what shuffled pairs give, averaged over them by layer. */
export function controlLine(rows: readonly LensRow[]): Line[] {
  const controls = rows
    .filter((row) => row.shuffled !== undefined)
    .map((row) => ({ ...row, value: row.shuffled!, low: row.shuffled_low!, high: row.shuffled_high! }));
  return controls.length === 0
    ? []
    : [{ label: "shuffled pairs", colour: "control", dashed: true, points: meanByLayer(controls) }];
}

/** Models are told apart by hue; the one before is dashed where there is an after. */
export const modelStyle = (files: LensFiles, index: number): { colour: Colour; dashed: boolean } => ({
  colour: index,
  dashed: files.length > 1 && index === 0,
});

/** Percent with as many digits as ticks below the largest value need to differ. */
export function percentFormat(lines: readonly Pick<Line, "points">[]): Format {
  const top = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ value, high }) => high ?? value)));
  const digits = [0.1, 0.02, 0.002].filter((bar) => top > 0 && top < bar).length;
  return { unit: "percent", digits };
}

/** "en-sw" → "English–Swahili" */
export const pairName = (pair: string): string => pair.split("-").map(languageName).join("–");
