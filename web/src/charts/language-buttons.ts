import type { ChartData, PcaSection } from "../data.ts";
import { languageOf } from "../data.ts";
import { element, svgElement } from "../dom.ts";
import { languageStyle, type Shape } from "./pca-points.ts";

const paths: Record<Shape, string> = {
  circle: "M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z",
  triangle: "M6 1.4 10.6 9.8H1.4z",
  diamond: "M6 .8 10 6 6 11.2 2 6z",
};

function languageButton(data: ChartData, code: string): HTMLButtonElement {
  const { color, shape } = languageStyle(data, code);
  const icon = svgElement("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" });
  icon.append(svgElement("path", { d: paths[shape], fill: color }));
  return element("button", { type: "button", "aria-pressed": "false" }, icon, languageOf(data, code).name);
}

/** The legend of the map: pointing at a language singles it out, pressing holds it. */
export function languageButtons(
  data: ChartData,
  section: PcaSection,
  onChange: (language: string | undefined) => void,
): HTMLElement {
  const box = element("div", { class: "languages", role: "group", "aria-label": "Languages on the map" });
  let held: string | undefined;
  for (const code of section.languages) {
    const button = languageButton(data, code);
    button.addEventListener("pointerenter", () => onChange(code));
    button.addEventListener("pointerleave", () => onChange(held));
    button.addEventListener("click", () => {
      held = held === code ? undefined : code;
      for (const other of box.children) other.setAttribute("aria-pressed", String(other === button && held === code));
      onChange(held);
    });
    box.append(button);
  }
  return box;
}
