import { element } from "./dom.ts";

/** One tip for the page: it follows the pointer and stays inside the window, which a tip inside a chart can't. */
const tip = element("div", { class: "tip", role: "status", hidden: "" });

function place(x: number, y: number): void {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const left = Math.min(Math.max(8, x - width / 2), document.documentElement.clientWidth - width - 8);
  const below = y + 18;
  const top = below + height > innerHeight - 8 ? y - height - 14 : below;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

/** Shows what `describe` says about the point that the chart's pointer mark has found; the first line is a heading. */
export function withTip<Point>(chart: Element, describe: (point: Point) => string): Element {
  if (!tip.isConnected) document.body.append(tip);
  let found: Point | null = null;
  const show = (event: Event) => {
    tip.hidden = found === null;
    if (found === null) return;
    const [heading = "", ...lines] = describe(found).split("\n");
    tip.replaceChildren(element("strong", {}, heading), ...lines.map((line) => element("div", {}, line)));
    const { clientX, clientY } = event as PointerEvent;
    place(clientX, clientY);
  };
  // the chart's own listeners come first, so `found` is up to date when the pointer's event arrives here
  chart.addEventListener("input", () => {
    found = (chart as Element & { value: Point | null }).value;
  });
  for (const type of ["pointermove", "pointerdown"]) chart.addEventListener(type, show);
  chart.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  return chart;
}
