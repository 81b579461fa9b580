import type { ReportData } from "../data.ts";
import type { LensSection } from "../lens/section.ts";
import type { TextTable } from "../lens/table.ts";
import { type Key, panelMarkup } from "../svg/figure.ts";
import { fill } from "../svg/palette.ts";
import { dataText, html, type Markup } from "./markup.ts";
import type { Section } from "./section.ts";
import { type Column, folded, table } from "./table.ts";

const key = ({ label, colour, dashed }: Key): Markup =>
  html`<li><svg class="key" viewBox="0 0 14 6" aria-hidden="true">${{
    markup: dashed
      ? `<rect y="2" width="6" height="2" class="${fill(colour)}"/><rect x="8" y="2" width="6" height="2" class="${fill(colour)}"/>`
      : `<rect width="14" height="6" class="${fill(colour)}"/>`,
  }}</svg>${dataText(label)}</li>`;

/** A cell with isolated parts, such as tokens with their shares, keeps its order whatever the script of the first one. */
const cellText = (text: string): Markup =>
  text.includes("\u2068") ? html`<bdi dir="ltr">${text}</bdi>` : dataText(text);

/** A table of texts; numbers are set as such. */
export function textTable({ title, head, rows }: TextTable): Markup {
  const columns = head.map(
    (name, i): Column<readonly string[]> => ({
      title: name,
      ...(i === 0 || rows.some((row) => /\p{L}{3}|\u2068/u.test(row[i] ?? "")) ? { kind: "text" as const } : {}),
      cell: (row) => cellText(row[i] ?? ""),
    }),
  );
  return table(title, columns, [...rows], "layers");
}

/** The small charts of a lens, drawn already, with the numbers folded below. */
export function lensFigureMarkup({ figure, tables }: LensSection): Markup {
  const panels = panelMarkup(figure).map((markup) => ({ markup }));
  return html`<figure class="lens-figure"><ul class="encoding">${figure.keys.map(key)}</ul><div class="lens-panels">${panels}</div><figcaption>${figure.caption}</figcaption></figure>${tables.map((each) => folded(each.title, textTable(each)))}`;
}

/** The charts of one lens, where it was computed. */
export function lensFigure(data: ReportData, lens: string): Markup | false {
  const section = data.lenses.find(({ figure }) => figure.lens === lens);
  return section !== undefined && lensFigureMarkup(section);
}

const short: Record<string, string> = {
  logit: "Logit lens",
  neurons: "Neurons",
  drift: "What moved",
  choose: "Which layer",
};

/** A section for every lens that no other section has. */
export const lensSectionsMarkup = (data: ReportData): Section[] =>
  data.lenses
    .filter(({ figure }) => figure.lens in short)
    .map((section) => ({
      id: `lens-${section.figure.lens}`,
      title: section.figure.title,
      short: short[section.figure.lens]!,
      body: lensFigureMarkup(section),
    }));
