type Attribute = string | number | undefined;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it may stand in SVG and in its attributes; control characters, which XML forbids, become spaces. */
export const escapeSvg = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character]!).replace(/[^\P{Cc}\t\n\r]/gu, " ");

/** Two decimals are finer than a screen. */
const shown = (value: string | number): string =>
  typeof value === "number" ? String(Number(value.toFixed(2))) : value;

/** An SVG element as text; children are markup, so text goes through `escapeSvg` or `label`. */
export function element(name: string, attributes: Record<string, Attribute>, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeSvg(shown(value!))}"`)
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

/** A text element; text of data keeps its own direction. */
export const label = (text: string, attributes: Record<string, Attribute>): string =>
  element("text", attributes, escapeSvg(text));
