import { choice } from "../controls.ts";
import type { ChartData } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { groupLines } from "./group-lines.ts";
import { drawPairs } from "./pairs.ts";
import { metricNames, startView } from "./similarity-view.ts";

/** Group means by layer, and below them every pair; switches choose the measure for both. */
export function drawSimilarity(canvas: HTMLElement, data: ChartData): void {
  const section = data.similarity;
  if (!section) return;
  const view = startView(section);
  const choose = (field: "metric" | "pooling") => (value: string) => {
    view[field] = value;
    for (const redraw of view.onChange) redraw();
  };
  const metrics = section.metrics.map((value) => ({ value, label: metricNames[value] ?? value }));
  const poolings = section.poolings.map((value) => ({ value, label: value }));
  const plotted = element("div");
  canvas.append(
    element(
      "div",
      { class: "controls" },
      choice("Measure", metrics, view.metric, choose("metric")),
      choice("Pooling", poolings, view.pooling, choose("pooling")),
    ),
    plotted,
  );
  view.onChange.push(drawToWidth(plotted, (width) => groupLines(data, section, view, width)));
  const pairs = document.querySelector<HTMLElement>('[data-figure="similarity-pairs"] .canvas');
  if (pairs) drawPairs(pairs, data, section, view);
}
