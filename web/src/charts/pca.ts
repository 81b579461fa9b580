import { choice, layerSlider } from "../controls.ts";
import type { ChartData, PcaFrame, PcaSection } from "../data.ts";
import { drawToWidth, element } from "../dom.ts";
import { percent } from "../format.ts";
import { languageButtons } from "./language-buttons.ts";
import { type DrawnMap, dimOthers, drawMap, nearest, showSentence } from "./sentence-map.ts";

/** What the reader looks at; shared by the maps before and after. */
interface Focus {
  layer: number;
  pooling: string;
  language?: string | undefined;
  sentence?: number | undefined;
  heldSentence?: number | undefined;
}

/** The maps that are on the page, and what they show together. */
interface Atlas {
  data: ChartData;
  section: PcaSection;
  focus: Focus;
  maps: Map<PcaFrame["stage"], DrawnMap>;
}

function startFocus({ trained, layers, poolings }: PcaSection): Focus {
  const layer = trained && layers.includes(trained.layer) ? trained.layer : layers[Math.floor(layers.length / 2)]!;
  return { layer, pooling: poolings[0] ?? "" };
}

function showFocus({ maps, data, section, focus }: Atlas): void {
  for (const map of maps.values()) {
    showSentence(map, data, focus.sentence ?? focus.heldSentence);
    dimOthers(map, section.languages, focus.language);
  }
}

function followPointer(map: DrawnMap, atlas: Atlas): void {
  const { focus } = atlas;
  const point = (sentence: number | undefined) => {
    focus.sentence = sentence;
    showFocus(atlas);
  };
  map.svg.addEventListener("pointermove", (event) => point(nearest(map, event as PointerEvent)));
  map.svg.addEventListener("pointerleave", () => point(undefined));
  map.svg.addEventListener("click", (event) => {
    const sentence = nearest(map, event as PointerEvent);
    focus.heldSentence = focus.heldSentence === sentence ? undefined : sentence;
    point(sentence);
  });
}

/** Adds the map of one stage and returns what draws it again. */
function addMap(panels: HTMLElement, stage: PcaFrame["stage"], alone: boolean, atlas: Atlas): () => void {
  const { data, section, focus, maps } = atlas;
  const heading = element("span", { class: "aside" });
  const plotted = element("div", { class: "map" });
  const title = alone ? "Sentences" : stage === "before" ? "Before" : "After";
  panels.append(element("div", { class: "panel" }, element("h3", {}, title, " ", heading), plotted));
  return drawToWidth(plotted, (width) => {
    const { layer, pooling } = focus;
    const frame = section.frames.find(
      (entry) => entry.stage === stage && entry.layer === layer && entry.pooling === pooling,
    );
    maps.delete(stage);
    heading.textContent = frame?.explained ? `${percent(frame.explained[0] + frame.explained[1], 0)} of variance` : "";
    if (!frame) return element("p", { class: "missing" }, "This layer was not measured at this stage.");
    const map = drawMap(data, frame, width);
    maps.set(stage, map);
    followPointer(map, atlas);
    queueMicrotask(() => showFocus(atlas)); // once the map stands in the page
    return map.svg;
  });
}

/** Two maps of the same sentences that move together. */
export function drawPca(canvas: HTMLElement, data: ChartData): void {
  const section = data.pca;
  if (!section) return;
  const atlas: Atlas = { data, section, focus: startFocus(section), maps: new Map() };
  const { focus } = atlas;
  const redraws: (() => void)[] = [];
  const change = (changed: Partial<Focus>) => {
    Object.assign(focus, changed);
    for (const redraw of redraws) redraw();
  };
  const poolings = section.poolings.map((value) => ({ value, label: value }));
  const controls = element(
    "div",
    { class: "controls" },
    layerSlider(section.layers, focus.layer, (layer) => change({ layer })),
    choice("Pooling", poolings, focus.pooling, (pooling) => change({ pooling })),
  );
  const panels = element("div", { class: "panels" });
  const legend = languageButtons(data, section, (language) => {
    focus.language = language;
    showFocus(atlas);
  });
  canvas.append(controls, panels, legend);
  const stages = [...new Set(section.frames.map((frame) => frame.stage))];
  for (const stage of stages) redraws.push(addMap(panels, stage, stages.length === 1, atlas));
}
