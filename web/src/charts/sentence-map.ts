import { dot, frame as frameMark, plot } from "@observablehq/plot";
import type { ChartData, PcaFrame } from "../data.ts";
import { svgElement } from "../dom.ts";
import { equalDomains, languageStyle, type MapPoint, mapPoints } from "./pca-points.ts";
import { chartStyle } from "./style.ts";

/** A drawn map: where each sentence stands on the screen, and the layer for what is shown on top. */
export interface DrawnMap {
  svg: Element;
  points: (MapPoint & { left: number; top: number })[];
  overlay: SVGGElement;
}

const inset = 1;

function languageMarks(data: ChartData, frame: PcaFrame, points: MapPoint[]) {
  const shown = data.languages.filter(({ code }) => frame.points[code]);
  return shown.map(({ code, group }) => {
    const { color, shape } = languageStyle(data, code);
    const own = points.filter((point) => point.language === code);
    const r = group === "pivot" ? 3.6 : 3.1;
    return dot(own, {
      x: "x",
      y: "y",
      fill: color,
      fillOpacity: 0.78,
      symbol: shape,
      r,
      className: `language-${code}`,
    });
  });
}

/** Draws the sentences of one layer at one stage. */
export function drawMap(data: ChartData, frame: PcaFrame, width: number): DrawnMap {
  const height = Math.round(width * 0.86);
  const points = mapPoints(frame);
  const domains = equalDomains(points, width - 2 * inset, height - 2 * inset);
  const drawn = plot({
    width,
    height,
    margin: inset,
    style: chartStyle(),
    ariaLabel: `Sentences on the first two principal components of layer ${frame.layer}, ${frame.stage} alignment`,
    x: { domain: domains.x, axis: null },
    y: { domain: domains.y, axis: null },
    marks: [frameMark({ stroke: "var(--rule)", fill: "var(--surface)", rx: 6 }), ...languageMarks(data, frame, points)],
  });
  const [x, y] = [drawn.scale("x")!, drawn.scale("y")!];
  const overlay = svgElement("g", { class: "overlay" });
  drawn.append(overlay);
  const placed = points.map((point) => ({
    ...point,
    left: x.apply(point.x) as number,
    top: y.apply(point.y) as number,
  }));
  return { svg: drawn, points: placed, overlay };
}

/** Joins the translations of one sentence through their middle and names each by its code. */
export function showSentence(map: DrawnMap, data: ChartData, sentence: number | undefined): void {
  map.overlay.replaceChildren();
  const members = map.points.filter((point) => point.sentence === sentence);
  map.svg.classList.toggle("faded", members.length > 0);
  if (members.length === 0) return;
  const middle = (field: "left" | "top") => members.reduce((sum, point) => sum + point[field], 0) / members.length;
  const [cx, cy] = [middle("left"), middle("top")];
  for (const { left, top } of members) {
    map.overlay.append(svgElement("line", { x1: cx, y1: cy, x2: left, y2: top }));
  }
  for (const { left, top, language } of members) {
    const { color } = languageStyle(data, language);
    map.overlay.append(svgElement("circle", { cx: left, cy: top, r: 5, fill: color }));
    // labels stand on the far side of the middle, where the lines are not
    const side = left < cx ? -1 : 1;
    const anchor = side < 0 ? "end" : "start";
    const label = svgElement("text", { x: left + side * 9, y: top + 4, "text-anchor": anchor });
    label.textContent = language;
    map.overlay.append(label);
  }
}

/** Leaves one language and English in full colour, or all of them. */
export function dimOthers(map: DrawnMap, languages: string[], focus: string | undefined): void {
  for (const code of languages) {
    const mark = map.svg.querySelector(`.language-${CSS.escape(code)}`);
    mark?.classList.toggle("dim", focus !== undefined && code !== focus && code !== "en");
  }
}

/** The sentence under the pointer, if one is near. */
export function nearest(map: DrawnMap, event: PointerEvent): number | undefined {
  const box = map.svg.getBoundingClientRect();
  const scale = box.width / Number(map.svg.getAttribute("width"));
  const [left, top] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
  let best: { sentence: number; distance: number } | undefined;
  for (const point of map.points) {
    const distance = Math.hypot(point.left - left, point.top - top);
    if (distance < (best?.distance ?? 18)) best = { sentence: point.sentence, distance };
  }
  return best?.sentence;
}
