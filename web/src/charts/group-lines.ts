import { axisX, axisY, dot, gridY, line, plot, pointer, ruleX, text } from "@observablehq/plot";
import type { ChartData, Group, SimilaritySection } from "../data.ts";
import { groupColor } from "../data.ts";
import { percent } from "../format.ts";
import { withTip } from "../tip.ts";
import { inView, metricNames, type SimilarityView } from "./similarity-view.ts";
import { axisStyle, chartStyle, gridStyle, ruleStyle, wholeNumber } from "./style.ts";

type Stage = "before" | "after";

/** One point of a line. */
interface Point {
  layer: number;
  value: number;
  stage: Stage;
  group: Group;
  key: string;
}

/** The mean of a group's pairs at every layer where all of them were measured. */
function groupPoints(section: SimilaritySection, view: SimilarityView, group: Group, stage: Stage): Point[] {
  const members = inView(section, view).filter((series) => series.group === group && series[stage]);
  if (members.length === 0) return [];
  return section.layers.flatMap((layer, index) => {
    const values = members.map((series) => series[stage]!.value[index]).filter((value) => value != null);
    if (values.length < members.length) return [];
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return [{ layer, value, stage, group, key: `${group} ${stage}` }];
  });
}

const color = (point: Point) => groupColor(point.group);

/** Sizes and scales that marks and labels share. */
interface Frame {
  width: number;
  height: number;
  narrow: boolean;
  margin: { top: number; bottom: number; left: number; right: number };
  /** upper end of the vertical scale */
  top: number;
  /** both stages are drawn, so they must be told apart */
  both: boolean;
}

function frameOf(points: Point[], width: number): Frame {
  const narrow = width < 520;
  return {
    width,
    height: narrow ? 280 : 340,
    narrow,
    margin: { top: 24, bottom: 40, left: 48, right: narrow ? 16 : 128 },
    top: Math.max(0.05, ...points.map(({ value }) => value)) * 1.08,
    both: new Set(points.map(({ stage }) => stage)).size > 1,
  };
}

/** Names at the right ends of the lines, pushed apart where they would overlap. */
function endLabels(points: Point[], data: ChartData, { height, margin, top, both }: Frame) {
  const pixels = (value: number) => margin.top + (1 - value / top) * (height - margin.top - margin.bottom);
  const ends = [...new Set(points.map(({ key }) => key))].map((key) => points.findLast((point) => point.key === key)!);
  const placed = ends.map((end) => ({ ...end, y: pixels(end.value) })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < placed.length; i++) placed[i]!.y = Math.max(placed[i]!.y, placed[i - 1]!.y + 16);
  return placed.map((label) =>
    text([label], {
      x: "layer",
      y: "value",
      dx: 12,
      dy: label.y - pixels(label.value),
      text: () => `${data.groups[label.group].replace(" languages", "")}${both ? `, ${label.stage}` : ""}`,
      textAnchor: "start",
      fill: color(label),
      fillOpacity: label.stage === "after" || !both ? 1 : 0.85,
      fontWeight: label.stage === "after" ? 600 : 400,
    }),
  );
}

function stageLine(points: Point[], stage: Stage, both: boolean) {
  const earlier = stage === "before" && both;
  return line(
    points.filter((point) => point.stage === stage),
    {
      x: "layer",
      y: "value",
      z: "key",
      stroke: color,
      strokeWidth: earlier ? 1.75 : 2.5,
      strokeDasharray: earlier ? "4 4" : "none",
    },
  );
}

function trainedLayer(section: SimilaritySection, points: Point[]) {
  if (!section.trained) return [];
  const label = points.some(({ stage }) => stage === "after") ? "trained layer" : "layer to train";
  return [
    ruleX([section.trained.layer], ruleStyle),
    text([section.trained.layer], {
      x: (layer: number) => layer,
      text: () => label,
      frameAnchor: "top",
      dy: -14,
      fontSize: 11,
      fill: "var(--ink-3)",
    }),
  ];
}

/** The means of the groups by layer: dashed before, solid after. */
export function groupLines(data: ChartData, section: SimilaritySection, view: SimilarityView, width: number): Element {
  const points = (["aligned", "unseen"] as const).flatMap((group) =>
    (["before", "after"] as const).flatMap((stage) => groupPoints(section, view, group, stage)),
  );
  const frame = frameOf(points, width);
  const { height, margin, top, both, narrow } = frame;
  const { layers } = section;
  const drawn = plot({
    width,
    height,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    marginRight: margin.right,
    style: chartStyle(),
    ariaLabel: `${metricNames[view.metric] ?? view.metric} by layer, mean of the groups, before and after`,
    x: { domain: [layers[0]!, layers.at(-1)!], label: null },
    y: { domain: [0, top], label: null },
    marks: [
      gridY({ ...gridStyle, ticks: 5 }),
      axisY({ ...axisStyle, ticks: 5, tickFormat: (value: number) => percent(value, top < 0.1 ? 1 : 0) }),
      axisX({
        ...axisStyle,
        ticks: layers.length > 14 || narrow ? 8 : layers.length,
        tickFormat: (value: number, index: number) => (index === 0 ? `layer ${value}` : wholeNumber(value)),
      }),
      ...trainedLayer(section, points),
      stageLine(points, "before", both),
      stageLine(points, "after", both),
      dot(points, {
        x: "layer",
        y: "value",
        r: 3.25,
        stroke: color,
        fill: (point: Point) => (point.stage === "after" || !both ? color(point) : "var(--surface)"),
      }),
      dot(points, pointer({ x: "layer", y: "value", r: 6.5, stroke: color, fill: "none" })),
      ...(narrow ? [] : endLabels(points, data, frame)),
    ],
  });
  return withTip<Point>(
    drawn,
    ({ group, stage, layer, value }) => `${data.groups[group]}, ${stage}\nlayer ${layer}: ${percent(value)}`,
  );
}
