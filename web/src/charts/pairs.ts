import { areaY, axisX, axisY, dot, gridY, line, plot, pointerX, ruleX } from "@observablehq/plot";
import type { ChartData, SimilaritySection, SimilaritySeries } from "../data.ts";
import { groupColor, languageOf } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { percent } from "../format.ts";
import { withTip } from "../tip.ts";
import { inView, metricNames, type SimilarityView } from "./similarity-view.ts";
import { axisStyle, chartStyle, gridStyle, ruleStyle, wholeNumber } from "./style.ts";

interface Point {
  layer: number;
  value: number;
  low: number;
  high: number;
}

function pointsOf(section: SimilaritySection, series: SimilaritySeries, stage: "before" | "after"): Point[] {
  const profile = series[stage];
  if (!profile) return [];
  return section.layers.flatMap((layer, index) => {
    const value = profile.value[index];
    return value == null
      ? []
      : [{ layer, value, low: profile.low[index] ?? value, high: profile.high[index] ?? value }];
  });
}

interface Frame {
  width: number;
  /** upper end of the common scale */
  top: number;
  measure: string;
}

/** What a point says on hover: "layer 4" and "3.0 % → 13.2 %". */
function describeChange(before: Point[], after: Point[]): (point: Point) => string {
  const was = new Map(before.map((point) => [point.layer, point.value]));
  return (point) => {
    const earlier = after.length > 0 ? was.get(point.layer) : undefined;
    return `layer ${point.layer}\n${earlier === undefined ? "" : `${percent(earlier)} → `}${percent(point.value)}`;
  };
}

function small(name: string, series: SimilaritySeries, section: SimilaritySection, frame: Frame): Element {
  const before = pointsOf(section, series, "before");
  const after = pointsOf(section, series, "after");
  const color = groupColor(series.group);
  const shaded = after.length > 0 ? after : before;
  const common = { x: "layer", y: "value", stroke: color } as const;
  const drawn = plot({
    width: frame.width,
    height: 108,
    marginTop: 8,
    marginBottom: 20,
    marginLeft: 34,
    marginRight: 8,
    style: chartStyle(11),
    ariaLabel: `${frame.measure} by layer between English and ${name}`,
    x: { domain: [section.layers[0]!, section.layers.at(-1)!], label: null },
    y: { domain: [0, frame.top], clamp: true, label: null },
    marks: [
      gridY({ ...gridStyle, ticks: 2 }),
      axisY({ ...axisStyle, ticks: 2, tickPadding: 4, tickFormat: (value: number) => percent(value, 0) }),
      axisX({ ...axisStyle, ticks: 4, tickPadding: 4, tickFormat: wholeNumber }),
      ...(section.trained ? [ruleX([section.trained.layer], ruleStyle)] : []),
      areaY(shaded, { x: "layer", y1: "low", y2: "high", fill: color, fillOpacity: 0.14 }),
      line(before, { ...common, strokeWidth: 1.5, strokeDasharray: after.length > 0 ? "3 3" : "none" }),
      line(after, { ...common, strokeWidth: 2 }),
      dot(shaded, pointerX({ x: "layer", y: "value", r: 3.5, fill: color })),
    ],
  });
  return withTip(drawn, describeChange(before, after));
}

/** Small multiples: every pair on one scale. */
export function drawPairs(
  canvas: HTMLElement,
  data: ChartData,
  section: SimilaritySection,
  view: SimilarityView,
): void {
  const grid = element("div", { class: "multiples" });
  canvas.append(grid);
  const fill = () => {
    const series = inView(section, view);
    const highest = series.flatMap((entry) => [
      ...(entry.before?.value ?? []),
      ...((entry.after ?? entry.before)?.high ?? []),
    ]);
    const top = Math.min(1, Math.max(0.05, ...highest.map((value) => value ?? 0)));
    const measure = metricNames[view.metric] ?? view.metric;
    grid.replaceChildren();
    for (const entry of series) {
      const { name, code } = languageOf(data, entry.language);
      const mark = element("i", { class: `mark ${entry.group}` });
      const plotted = element("div");
      grid.append(
        element("div", {}, element("h4", {}, mark, `${name} `, element("span", { class: "code" }, code)), plotted),
      );
      drawToWidth(plotted, (width) => small(name, entry, section, { width, top, measure }));
    }
  };
  view.onChange.push(fill);
  fill();
}
