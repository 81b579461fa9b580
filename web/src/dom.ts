type Child = Node | string;

/** Makes an element; `class` and other attributes as they are written in markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const svgNamespace = "http://www.w3.org/2000/svg";

/** Makes an SVG element for what is drawn over a finished chart. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number> = {},
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** Calls `draw` with the container's width now and whenever it changes, and shows what it returns. */
export function drawToWidth(container: HTMLElement, draw: (width: number) => Element): () => void {
  let drawn = 0;
  const redraw = () => {
    const width = Math.floor(container.clientWidth);
    if (width === 0) return;
    drawn = width;
    const drawing = draw(width);
    // its label says what it shows; the table beside it holds the numbers
    if (drawing instanceof SVGElement) drawing.setAttribute("role", "img");
    container.replaceChildren(drawing);
  };
  new ResizeObserver(() => {
    if (Math.floor(container.clientWidth) !== drawn) redraw();
  }).observe(container);
  redraw();
  return redraw;
}
