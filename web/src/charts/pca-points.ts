import type { ChartData, PcaFrame } from "../data.ts";
import { languageOf } from "../data.ts";

/** One sentence in one language on the map. */
export interface MapPoint {
  x: number;
  y: number;
  language: string;
  /** index into the section's sentences */
  sentence: number;
}

export function mapPoints(frame: PcaFrame): MapPoint[] {
  return Object.entries(frame.points).flatMap(([language, { x, y }]) =>
    x.flatMap((value, sentence) => {
      const other = y[sentence];
      return value == null || other == null ? [] : [{ x: value, y: other, language, sentence }];
    }),
  );
}

export type Shape = "diamond" | "circle" | "triangle";

/** Colour says which language, shape which group, so that neither has to be told apart alone. */
export function languageStyle(data: ChartData, code: string): { color: string; shape: Shape } {
  const { group } = languageOf(data, code);
  if (group === "pivot") return { color: "var(--ink)", shape: "diamond" };
  const others = data.languages.filter((language) => language.group !== "pivot");
  const index = others.findIndex((language) => language.code === code);
  return { color: `var(--hue-${index % 11})`, shape: group === "aligned" ? "circle" : "triangle" };
}

/** Domains that show all points with one scale for both axes: a distance to the right is a distance upwards. */
export function equalDomains(
  points: MapPoint[],
  width: number,
  height: number,
): { x: [number, number]; y: [number, number] } {
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [left, right] = range(points.map((point) => point.x));
  const [bottom, top] = range(points.map((point) => point.y));
  const unit = Math.max((right - left) / width, (top - bottom) / height) * 1.08 || 1;
  const around = (middle: number, pixels: number): [number, number] => [
    middle - (unit * pixels) / 2,
    middle + (unit * pixels) / 2,
  ];
  return { x: around((left + right) / 2, width), y: around((bottom + top) / 2, height) };
}
