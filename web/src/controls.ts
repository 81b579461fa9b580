import { element } from "./dom.ts";

let groups = 0;

/** A row of choices of which one holds; nothing is drawn for a single choice. */
export function choice<T extends string>(
  label: string,
  options: { value: T; label: string }[],
  initial: T,
  onChange: (value: T) => void,
): HTMLElement {
  const name = `choice-${++groups}`;
  const box = element("fieldset", { class: "choice" }, element("legend", {}, label));
  for (const option of options) {
    const input = element("input", { type: "radio", name, value: option.value });
    input.checked = option.value === initial;
    input.addEventListener("change", () => onChange(option.value));
    box.append(element("label", {}, input, element("span", {}, option.label)));
  }
  box.hidden = options.length < 2;
  return box;
}

/** A slider over the layers with its value written beside it. */
export function layerSlider(layers: number[], initial: number, onChange: (layer: number) => void): HTMLElement {
  const output = element("output", {}, String(initial));
  const input = element("input", {
    type: "range",
    min: "0",
    max: String(layers.length - 1),
    value: String(layers.indexOf(initial)),
    "aria-label": "Layer",
  });
  input.addEventListener("input", () => {
    const layer = layers[Number(input.value)]!;
    output.textContent = String(layer);
    onChange(layer);
  });
  return element("div", { class: "slider" }, element("span", {}, "Layer"), input, output);
}
