import { element, label } from "./element.ts";
import { type Colour, fill, standaloneStyle } from "./palette.ts";
import { drawPanel, type Panel, panelSize } from "./panel.ts";

/** An entry of a figure's legend. */
export interface Key {
  label: string;
  colour: Colour;
  dashed?: boolean;
}

/** Small charts that belong together. */
export interface Figure {
  /** as in lens/<model>/<lens>.json */
  lens: string;
  title: string;
  /** how to read it */
  caption: string;
  keys: readonly Key[];
  panels: readonly Panel[];
  /** side by side where the file stands alone; three by default */
  columns?: number;
}

const gap = 20;
const textWidth = (text: string): number => [...text].length * 6.6;

/** The panels of a figure as SVG elements of their own, for a page that lays them out. */
export const panelMarkup = ({ panels }: Figure): string[] =>
  panels.map((panel) =>
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${panelSize.width} ${panelSize.height}`,
        class: "panel-chart",
        role: "img",
        "aria-label": panel.title,
      },
      drawPanel(panel),
    ),
  );

/** Places the legend's entries in lines of the given width. → their markup and its height */
function legend(keys: readonly Key[], width: number, top: number): { markup: string; height: number } {
  let [x, y] = [gap, top];
  const parts = keys.map((key) => {
    const space = textWidth(key.label) + 38;
    if (x > gap && x + space > width - gap) [x, y] = [gap, y + 20];
    const mark = element("rect", {
      x,
      y: y - (key.dashed ? 5 : 7),
      width: key.dashed ? 7 : 14,
      height: key.dashed ? 2 : 6,
      class: fill(key.colour),
    });
    const second = key.dashed
      ? element("rect", { x: x + 9, y: y - 5, width: 5, height: 2, class: fill(key.colour) })
      : "";
    const text = label(key.label, { x: x + 20, y, "font-size": 12, class: "text" });
    x += space;
    return mark + second + text;
  });
  return { markup: parts.join(""), height: keys.length === 0 ? 0 : y - top + 24 };
}

/** A figure as one SVG document, light or dark as the viewer's screen. */
export function standaloneSvg(figure: Figure): string {
  const columns = Math.min(figure.columns ?? 3, Math.max(1, figure.panels.length));
  const width = columns * panelSize.width + (columns + 1) * gap;
  const head = label(figure.title, { x: gap, y: 30, "font-size": 16, "font-weight": 600, class: "text" });
  const keys = legend(figure.keys, width, 56);
  const top = 56 + keys.height;
  const rows = Math.ceil(figure.panels.length / columns);
  const height = top + rows * (panelSize.height + gap);
  const panels = figure.panels.map((panel, i) =>
    element(
      "svg",
      {
        x: gap + (i % columns) * (panelSize.width + gap),
        y: top + Math.floor(i / columns) * (panelSize.height + gap),
        ...panelSize,
      },
      drawPanel(panel),
    ),
  );
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": figure.title,
    },
    element("style", {}, standaloneStyle()),
    element("rect", { width, height, class: "paper" }),
    head,
    keys.markup,
    ...panels,
  )}\n`;
}
