import type { ReportData } from "../data.ts";
import { placeRecipe, placeSentence } from "../diagnosis-text.ts";
import { diagnosisTable, gainsTable, intervalTable } from "../lens/diagnosis.ts";
import { gainsCaption } from "../measured-gains.ts";
import { lensFigure, lensFigureMarkup, textTable } from "./lens-figures.ts";
import { html } from "./markup.ts";
import type { Section } from "./section.ts";
import { folded } from "./table.ts";

/** What a diagnosis shows beside the sections that every report has. */
export function diagnosisSections(data: ReportData): Section[] {
  const { diagnosis } = data;
  if (diagnosis === undefined) return [];
  const { sentences, poolings } = diagnosis;
  const table = diagnosisTable(diagnosis);
  const intervals = intervalTable(diagnosis);
  const gains = gainsTable();
  const recipe = placeRecipe(diagnosis);
  return [
    {
      id: "languages",
      title: "Languages ranked",
      short: "Languages",
      body: html`${textTable(table)}<p class="aside">Retrieval (${poolings.retrieval} pooling) and MEXA (${poolings.mexa}) stand with the layer at which they are best, over ${sentences} sentences; # is the rank by the column before it. Bits × pivot is what the same text costs relative to the first language. The mean rank takes every measure as equally important, and bits per byte only where no better comparison is at hand.</p>${folded(intervals.title, textTable(intervals))}`,
    },
    {
      id: "depth",
      title: "Which languages stand apart, and at which depth",
      short: "Apart, by depth",
      body: data.lenses.filter(({ figure }) => figure.lens === "diagnosis").map(lensFigureMarkup),
    },
    {
      id: "place",
      title: "Which layer to align",
      short: "Which layer",
      body: html`<p>${placeSentence(diagnosis)}</p>${recipe && html`<div class="copyable"><pre tabindex="0" aria-label="Recipe lines"><code>${recipe}</code></pre></div>`}${lensFigure(data, "choose")}`,
    },
    {
      id: "gains",
      title: "What alignment could gain",
      short: "Possible gains",
      body: html`<p>${gainsCaption}</p>${textTable(gains)}`,
    },
  ];
}
