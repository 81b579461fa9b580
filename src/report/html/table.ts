import { type Content, html, type Markup } from "./markup.ts";

export interface Column<Row> {
  title: Content;
  /** what the title means, for readers who point at it */
  hint?: string;
  /** numbers are set flush right with tabular numerals; the first text column heads its row */
  kind?: "text" | "number";
  cell: (row: Row, index: number) => Content;
}

/** Whether a column says nothing, as "after" does where only one model was measured. */
function isEmpty<Row>({ cell }: Column<Row>, rows: Row[]): boolean {
  const blank = (markup: string) => ["–", "", '<span class="absent">–</span>'].includes(markup);
  return rows.every((row, index) => blank(html`${cell(row, index)}`.markup));
}

/** A table without its empty columns, which scrolls inside its own frame where the page is narrow. */
export function table<Row>(caption: string, given: Column<Row>[], rows: Row[], name = ""): Markup {
  const columns = given.filter((column) => rows.length === 0 || !isEmpty(column, rows));
  const head = columns.map(
    ({ title, hint, kind }) =>
      html`<th scope="col" class="${kind ?? "number"}"${hint ? html` title="${hint}"` : ""}>${title}</th>`,
  );
  const cells = (row: Row, index: number) =>
    columns.map(({ cell, kind }, column) =>
      column === 0
        ? html`<th scope="row" class="${kind ?? "text"}">${cell(row, index)}</th>`
        : html`<td class="${kind ?? "number"}">${cell(row, index)}</td>`,
    );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${name}">
<caption class="hidden">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${rows.map((row, index) => html`<tr>${cells(row, index)}</tr>\n`)}</tbody>
</table></div>`;
}

/** Numbers behind a chart, folded away on screen and always printed. */
export function folded(summary: string, content: Content): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}
