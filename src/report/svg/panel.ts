import { decimal, percent } from "../format.ts";
import { element, escapeSvg, label } from "./element.ts";
import { type Colour, fill, stroke } from "./palette.ts";
import { layerTicks, ticks } from "./ticks.ts";

/** One value of a line; `low` and `high` shade a band around it. */
export interface Point {
  x: number;
  value: number;
  low?: number | undefined;
  high?: number | undefined;
}

export interface Line {
  label: string;
  colour: Colour;
  dashed?: boolean;
  /** drawn thin and pale, as one of many */
  faint?: boolean;
  /** a few letters at its right end */
  end?: string;
  points: readonly Point[];
}

/** How a value is written, on the axis and in tips. */
export interface Format {
  unit: "percent" | "decimal";
  digits: number;
}

/** One small chart: lines over layers. */
export interface LinePanel {
  kind: "lines";
  title: string;
  lines: readonly Line[];
  format: Format;
  /** ends of the vertical scale; those of the values, and zero, by default */
  low?: number;
  high?: number;
  /** what the horizontal axis counts; layers by default */
  across?: string;
  /** a strip above the lines, darker where `share` (0 to 1) is larger */
  strip?: readonly { x: number; share: number; tip: string }[];
}

/** A dot of a map. */
export interface Dot {
  x: number;
  y: number;
  colour: Colour;
  tip: string;
}

/** One small map: dots on two axes of one scale, lines between dots that belong together. */
export interface MapPanel {
  kind: "map";
  title: string;
  dots: readonly Dot[];
  /** pairs of indices into dots */
  links: readonly (readonly [number, number])[];
}

/** One small grid of fields, darker where the value is larger. */
export interface MatrixPanel {
  kind: "matrix";
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  cells: readonly { row: string; column: string; value: number; tip: string }[];
}

export type Panel = LinePanel | MapPanel | MatrixPanel;

export const panelSize = { width: 300, height: 196 } as const;
const margin = { top: 30, right: 18, bottom: 26, left: 46 } as const;
const { width, height } = panelSize;

const written = (value: number, { unit, digits }: Format): string =>
  unit === "percent" ? percent(value, digits) : decimal(value, digits);

function verticalEnds({ lines, low, high }: LinePanel): [number, number] {
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
  );
  const finite = values.filter(Number.isFinite);
  const bottom = low ?? Math.min(0, ...finite);
  const top = high ?? Math.max(bottom + 1e-9, ...finite);
  return [bottom, high === undefined ? top + (top - bottom) * 0.06 : top];
}

/** The run of points as an SVG path; a gap where a value is absent. */
function path(points: readonly { x: number; y: number }[]): string {
  let pen = "M";
  return points
    .map(({ x, y }) => {
      if (!Number.isFinite(y)) {
        pen = "M";
        return "";
      }
      const step = `${pen}${Number(x.toFixed(2))} ${Number(y.toFixed(2))}`;
      pen = "L";
      return step;
    })
    .join("");
}

function drawLine(line: Line, panel: LinePanel, x: (v: number) => number, y: (v: number) => number): string {
  const { points, colour, dashed, faint } = line;
  const shaded = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const around = [
    ...shaded.map((point) => ({ x: x(point.x), y: y(point.high!) })),
    ...shaded.toReversed().map((point) => ({ x: x(point.x), y: y(point.low!) })),
  ];
  const band =
    shaded.length > 1 && !faint
      ? element("path", { d: `${path(around)}Z`, class: fill(colour), "fill-opacity": 0.14 })
      : "";
  const drawn = element("path", {
    d: path(points.map((point) => ({ x: x(point.x), y: y(point.value) }))),
    class: stroke(colour),
    fill: "none",
    "stroke-width": faint ? 1 : 2,
    "stroke-opacity": faint ? 0.45 : 1,
    "stroke-linejoin": "round",
    ...(dashed && { "stroke-dasharray": "4 3" }),
  });
  const tips = points
    .filter(({ value }) => Number.isFinite(value))
    .map((point) =>
      element(
        "circle",
        {
          ...{ cx: x(point.x), cy: y(point.value), class: fill(colour), "pointer-events": "all" },
          // a line of one point would not be seen
          ...(points.length === 1 ? { r: faint ? 2 : 3.5 } : { r: 5, "fill-opacity": 0 }),
        },
        element("title", {}, escapeSvg(tipOf(line, point, panel))),
      ),
    );
  return [band, drawn, ...tips].join("");
}

function tipOf({ label: name }: Line, { x, value, low, high }: Point, { format, across = "layer" }: LinePanel): string {
  const finer = { ...format, digits: format.digits + 1 };
  const range = low === undefined || high === undefined ? "" : ` (${written(low, finer)} to ${written(high, finer)})`;
  return `${name}, ${across} ${x}: ${written(value, finer)}${range}`;
}

/** The letters at the ends of lines, pushed apart where they would overlap. */
function drawEnds(lines: readonly Line[], x: (v: number) => number, y: (v: number) => number): string {
  const ends = lines
    .flatMap(({ end, colour, points }) => {
      const last = points.at(-1);
      return end === undefined || last === undefined ? [] : [{ end, colour, x: x(last.x), y: y(last.value) }];
    })
    .sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i]!.y = Math.max(ends[i]!.y, ends[i - 1]!.y + 9);
  // those pushed out at the bottom push back up
  for (let i = ends.length - 1, floor = height - margin.bottom; i >= 0; i--, floor -= 9)
    ends[i]!.y = Math.min(ends[i]!.y, floor);
  return ends
    .map(({ end, colour, ...at }) => label(end, { x: at.x + 4, y: at.y + 3, "font-size": 9.5, class: fill(colour) }))
    .join("");
}

/** Fields of one colour whose strength says how much. */
function drawStrip(panel: LinePanel, x: (v: number) => number, step: number): string {
  return (panel.strip ?? [])
    .map(({ x: at, share, tip }) =>
      element(
        "rect",
        {
          x: Math.max(margin.left, x(at) - step / 2),
          y: 21,
          width: at === panel.strip![0]!.x || at === panel.strip!.at(-1)!.x ? step / 2 : step,
          height: 6,
          class: fill("control"),
          "fill-opacity": 0.08 + 0.8 * share,
        },
        element("title", {}, escapeSvg(tip)),
      ),
    )
    .join("");
}

function drawLines(panel: LinePanel): string {
  const [low, high] = verticalEnds(panel);
  const layers = [...new Set(panel.lines.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  const [first, last] = [layers[0] ?? 0, layers.at(-1) ?? 1];
  const x = (value: number) =>
    margin.left + ((value - first) / Math.max(1e-9, last - first)) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const grid = ticks(low, high, 4).map(
    (value) =>
      element("line", { x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value), class: "grid" }) +
      label(written(value, panel.format), {
        x: margin.left - 6,
        y: y(value) + 3.5,
        "text-anchor": "end",
        "font-size": 10.5,
        class: "quiet",
      }),
  );
  const bottom = layerTicks(layers, 9).map((layer, i) =>
    label(i === 0 ? `${panel.across ?? "layer"} ${layer}` : String(layer), {
      x: x(layer),
      y: height - 9,
      "text-anchor": i === 0 ? "start" : "middle",
      dx: i === 0 ? -14 : undefined,
      "font-size": 10.5,
      class: "quiet",
    }),
  );
  const step = x(first + 1) - x(first);
  return [
    drawStrip(panel, x, step),
    ...grid,
    ...bottom,
    ...panel.lines.map((line) => drawLine(line, panel, x, y)),
    drawEnds(panel.lines, x, y),
  ].join("");
}

function drawMap({ dots, links }: MapPanel): string {
  const ends = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [left, right] = ends(dots.map((dot) => dot.x));
  const [bottom, top] = ends(dots.map((dot) => dot.y));
  const [inner, tall] = [width - 24, height - margin.top - 12];
  // one scale for both axes: a distance to the right is a distance upwards
  const scale = Math.min(inner / Math.max(1e-9, right - left), tall / Math.max(1e-9, top - bottom)) * 0.96;
  const x = (value: number) => width / 2 + (value - (left + right) / 2) * scale;
  const y = (value: number) => margin.top + tall / 2 - (value - (bottom + top) / 2) * scale;
  const lines = links.map(([a, b]) =>
    element("line", {
      x1: x(dots[a]!.x),
      y1: y(dots[a]!.y),
      x2: x(dots[b]!.x),
      y2: y(dots[b]!.y),
      class: "axis",
      "stroke-width": 0.5,
      "stroke-opacity": 0.35,
    }),
  );
  const marks = dots.map((dot) =>
    element(
      "circle",
      { cx: x(dot.x), cy: y(dot.y), r: 2.6, class: fill(dot.colour), "fill-opacity": 0.8 },
      element("title", {}, escapeSvg(dot.tip)),
    ),
  );
  return [...lines, ...marks].join("");
}

function drawMatrix({ rows, columns, cells }: MatrixPanel): string {
  const most = Math.max(1e-12, ...cells.map(({ value }) => Math.abs(value)));
  const step = Math.min(
    (width - margin.left - margin.right) / columns.length,
    (height - margin.top - margin.bottom) / rows.length,
    40,
  );
  const x = (column: string) => margin.left + columns.indexOf(column) * step;
  const y = (row: string) => margin.top + rows.indexOf(row) * step;
  const small = { "font-size": Math.min(10.5, Math.max(7, step * 0.62)), class: "quiet" };
  return [
    ...cells.map(({ row, column, value, tip }) =>
      element(
        "rect",
        {
          x: x(column),
          y: y(row),
          width: step - 1,
          height: step - 1,
          class: fill(value >= 0 ? 6 : 0),
          "fill-opacity": 0.04 + 0.92 * Math.sqrt(Math.abs(value) / most),
        },
        element("title", {}, escapeSvg(tip)),
      ),
    ),
    ...rows.map((row) => label(row, { x: margin.left - 6, y: y(row) + step * 0.65, "text-anchor": "end", ...small })),
    ...columns.map((column) =>
      label(column, {
        x: x(column) + step / 2,
        y: margin.top + rows.length * step + 12,
        "text-anchor": "middle",
        ...small,
      }),
    ),
  ].join("");
}

const drawn = (panel: Panel): string => {
  if (panel.kind === "lines") return drawLines(panel);
  return panel.kind === "map" ? drawMap(panel) : drawMatrix(panel);
};

/** The inside of a panel's SVG element, `panelSize` large. */
export function drawPanel(panel: Panel): string {
  const title = label(panel.title, { x: 2, y: 15, "font-size": 12.5, "font-weight": 600, class: "text" });
  return title + drawn(panel);
}
