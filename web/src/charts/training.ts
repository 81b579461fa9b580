import { axisX, axisY, gridY, line, plot, windowY } from "@observablehq/plot";
import type { ChartData, Curve, TrainingSection } from "../data.ts";
import { drawToWidth, element, svgElement } from "../dom.ts";
import { compact, percent } from "../format.ts";
import { axisStyle, chartStyle, gridStyle } from "./style.ts";

interface Point {
  step: number;
  value: number;
}

/** A drawn curve that can show a step: a line over the chart and the value in the heading. */
interface Panel {
  show: (step: number | undefined) => void;
}

const height = 150;
const margin = { top: 8, right: 10, bottom: 22, left: 44 };

const pointsOf = (section: TrainingSection, curve: Curve): Point[] =>
  section.step.flatMap((step, index) => (curve.value[index] == null ? [] : [{ step, value: curve.value[index] }]));

const show = (curve: Curve, value: number): string =>
  curve.unit === "share" ? percent(value) : `${compact(value)}${curve.unit ? `\u202f${curve.unit}` : ""}`;

/** One notation per axis: a learning rate is read in powers of ten. */
function tickLabel(curve: Curve, top: number): (value: number) => string {
  if (curve.unit === "share") return (value) => percent(value, 0);
  return (value) =>
    top < 0.01 && value !== 0 ? Number(value.toPrecision(2)).toExponential().replace("-", "−") : compact(value);
}

/** A schedule has no noise to smooth away. */
const isExact = (curve: Curve) => curve.name === "lr";

function drawCurve(curve: Curve, points: Point[], width: number) {
  const window = Math.max(3, Math.round(points.length / 25));
  const values = points.map(({ value }) => value);
  const low = curve.kind === "metric" || curve.kind === "optimizer" ? 0 : Math.min(...values);
  const common = { x: "step", y: "value", stroke: "var(--aligned)" };
  const strong = isExact(curve)
    ? line(points, { ...common, strokeWidth: 2 })
    : line(
        points,
        windowY({ k: window, anchor: "middle", reduce: "mean", strict: false }, { ...common, strokeWidth: 2 }),
      );
  return plot({
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    style: chartStyle(11),
    ariaLabel: `${curve.title} by optimizer step`,
    x: { domain: [points[0]!.step, points.at(-1)!.step], label: null },
    y: { domain: [low, Math.max(...values)], nice: true, label: null },
    marks: [
      gridY({ ...gridStyle, ticks: 3 }),
      axisY({
        ...axisStyle,
        ticks: 3,
        tickPadding: 5,
        tickFormat: tickLabel(curve, Math.max(...values)),
      }),
      axisX({ ...axisStyle, ticks: 4, tickPadding: 5 }),
      ...(isExact(curve) ? [] : [line(points, { ...common, strokeWidth: 1, strokeOpacity: 0.3 })]),
      strong,
    ],
  });
}

function addPanel(canvas: HTMLElement, section: TrainingSection, curve: Curve, hover: (step?: number) => void): Panel {
  const points = pointsOf(section, curve);
  const reading = element("output", { class: "reading" });
  const plotted = element("div");
  const heading = element("h4", {}, curve.title, reading);
  canvas.append(element("div", {}, heading, plotted));
  const rule = svgElement("line", { class: "crosshair", y1: margin.top, y2: height - margin.bottom });
  let place = (_step: number) => 0;
  drawToWidth(plotted, (width) => {
    const drawn = drawCurve(curve, points, width);
    const x = drawn.scale("x")!;
    place = (step) => x.apply(step) as number;
    drawn.append(rule);
    drawn.addEventListener("pointermove", (event) => {
      const pointer = event as PointerEvent;
      hover(x.invert!(pointer.clientX - drawn.getBoundingClientRect().left) as number);
    });
    drawn.addEventListener("pointerleave", () => hover());
    return drawn;
  });
  const last = points.at(-1)!;
  return {
    show(step) {
      const point =
        step === undefined
          ? last
          : points.reduce((best, one) => (Math.abs(one.step - step) < Math.abs(best.step - step) ? one : best), last);
      rule.setAttribute("visibility", step === undefined ? "hidden" : "visible");
      rule.setAttribute("x1", String(place(point.step)));
      rule.setAttribute("x2", String(place(point.step)));
      reading.textContent =
        step === undefined ? show(curve, point.value) : `step ${point.step}: ${show(curve, point.value)}`;
    },
  };
}

/** Curves side by side; pointing at one reads all of them at that step. */
export function drawTraining(canvas: HTMLElement, data: ChartData): void {
  const section = data.training;
  if (!section) return;
  const grid = element("div", { class: "curves" });
  canvas.append(grid);
  const panels: Panel[] = [];
  const hover = (step?: number) => {
    for (const panel of panels) panel.show(step);
  };
  for (const curve of section.curves) {
    if (curve.value.some((value) => value !== null)) panels.push(addPanel(grid, section, curve, hover));
  }
  hover();
}
