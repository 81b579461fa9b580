/** Markup that is safe to insert as it is; plain strings are escaped on the way in. */
export interface Markup {
  readonly markup: string;
}

export type Content = Markup | string | number | false | null | undefined | readonly Content[];

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it may stand between tags and inside quoted attributes. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

function render(content: Content): string {
  if (content === undefined || content === null || content === false) return "";
  if (typeof content === "number") return String(content);
  if (typeof content === "string") return escapeHtml(content);
  if ("markup" in content) return content.markup;
  return content.map(render).join("");
}

/** Template tag: every value is escaped unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return { markup: strings.map((text, index) => text + render(values[index])).join("") };
}

/** Text from data: its own direction, whatever the script. */
export const dataText = (text: string): Markup => html`<bdi dir="auto">${text}</bdi>`;

/** A document for a `<script type="application/json">`: no sequence in it can end the element or start a comment. */
export function jsonForScript(value: unknown): Markup {
  const text = JSON.stringify(value)
    .replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
  return { markup: text };
}
