import type { Card, HeadlineRow, ReportData } from "../data.ts";
import { change, decimal, percent, points } from "../format.ts";
import { headlineCells } from "../headline.ts";
import { type Content, dataText, html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

const words = { better: "▲", worse: "▼", none: "≈" };
const spoken = { better: "better:", worse: "worse:", none: "no measurable change:" };

/** The interval of a difference as a bar around zero; all cards share the scale. */
function intervalBar(difference: { value: number; low: number; high: number }, reach: number): Markup {
  const at = (value: number) => `${(50 + (value / reach) * 48).toFixed(2)}%`;
  return html`<svg class="interval" aria-hidden="true" height="14" width="100%">
<line class="track" x1="2%" x2="98%" y1="7" y2="7"/><line class="zero" x1="50%" x2="50%" y1="0" y2="14"/>
<line class="range" x1="${at(difference.low)}" x2="${at(difference.high)}" y1="7" y2="7"/>
<circle cx="${at(difference.value)}" cy="7" r="4"/></svg>`;
}

function difference(card: Card, reach: number): Content {
  const { before, after, unit } = card;
  if (card.difference) {
    const { value, low, high } = card.difference;
    return html`${intervalBar(card.difference, reach)}<p class="difference"><span class="hidden">${spoken[card.direction]}</span>
<strong><span aria-hidden="true">${words[card.direction]} </span>${points(value)} points</strong>
<span class="aside">95 % CI ${points(low)} to ${points(high)}</span></p>`;
  }
  if (before === undefined || after === undefined) return "";
  const moved = unit === "bits" ? `${change(after - before)} bits` : `${points(after - before)} points`;
  return html`<div class="interval none"></div><p class="difference"><strong>${moved}</strong></p>`;
}

function cardMarkup(card: Card, reach: number): Markup {
  const show = card.unit === "bits" ? decimal : percent;
  const values = [
    card.before !== undefined &&
      html`<span class="before"><span class="hidden">before </span>${show(card.before)}</span>`,
    card.before !== undefined && card.after !== undefined && html`<span class="arrow" aria-hidden="true">→</span>`,
    card.after !== undefined && html`<span class="after"><span class="hidden">after </span>${show(card.after)}</span>`,
  ];
  return html`<li class="card ${card.direction}"><h3>${card.label}</h3><p class="aside">${card.detail}</p>
<p class="values">${values}</p>${difference(card, reach)}</li>\n`;
}

/** The before → after numbers of the first screen. */
function cardsMarkup(cards: Card[]): Markup {
  const bounds = cards.flatMap((card) => (card.difference ? [card.difference.low, card.difference.high] : []));
  const reach = Math.max(0.01, ...bounds.map(Math.abs));
  return html`<ul class="cards">${cards.map((card) => cardMarkup(card, reach))}</ul>`;
}

function headlineTableMarkup(rows: HeadlineRow[]): Markup {
  const columns = ["Before", "After", "Difference", "95 % interval", "p"].map((title, column) => ({
    title,
    cell: (row: HeadlineRow) => {
      const text = headlineCells(row)[column];
      const telling = title === "Difference" && row.low !== undefined && row.low * row.high! > 0;
      if (text === "–") return html`<span class="absent">–</span>`;
      return telling ? html`<strong>${text}</strong>` : text;
    },
  }));
  return table<HeadlineRow>(
    "Every measure by group of languages, before and after",
    [
      {
        title: "Measure",
        kind: "text",
        cell: (row, index) =>
          rows[index - 1]?.measure === row.measure ? html`<span class="repeated">${row.measure}</span>` : row.measure,
      },
      { title: "Languages", kind: "text", cell: (row) => row.group },
      ...columns,
    ],
    rows,
    "headline",
  );
}

/** Verdict, cards, the table of everything, and what limits the reading. */
export function openingMarkup(data: ReportData): Markup {
  const { verdict, cards, headline, cautions } = data;
  const created = data.run?.created.slice(0, 10);
  return html`<section id="result" class="opening" aria-labelledby="verdict">
<p class="eyebrow">${dataText(data.title)}${created && html`<span aria-hidden="true"> · </span><time datetime="${created}">${created}</time>`}</p>
<h1 id="verdict">${verdict.title}</h1>
${verdict.details.length > 0 && html`<ul class="details">${verdict.details.map((text) => html`<li>${text}</li>`)}</ul>`}
<p class="summary">${data.summary}</p>
${cards.length > 0 && cardsMarkup(cards)}
${headline.length > 0 && html`<h2 class="minor">All measures</h2>${headlineTableMarkup(headline)}`}
${cautions.length > 0 && html`<aside class="cautions" aria-labelledby="cautions"><h2 class="minor" id="cautions">Before you quote these numbers</h2><ul>${cautions.map((text) => html`<li>${text}</li>`)}</ul></aside>`}
</section>\n`;
}
