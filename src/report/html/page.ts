import { createHash } from "node:crypto";
import type { ReportData } from "../data.ts";
import { configurationSection, dataSection, trainingSectionMarkup } from "./background.ts";
import { diagnosisSections } from "./diagnosis.ts";
import { lensSectionsMarkup } from "./lens-figures.ts";
import { pcaSectionMarkup, similaritySectionMarkup } from "./lenses.ts";
import { dataText, html, jsonForScript, type Markup } from "./markup.ts";
import { accuracySection, bitsSection, gapSection, measuresSection } from "./measures.ts";
import { notesSection } from "./notes.ts";
import { openingMarkup } from "./opening.ts";
import { type Section, sectionMarkup } from "./section.ts";

/** The script and style that set-up builds from `web/`. */
export interface Assets {
  script: string;
  style: string;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='5.5' cy='8' r='4' fill='none' stroke='%230067a5' stroke-width='1.6'/%3E%3Ccircle cx='10.5' cy='8' r='4' fill='%230067a5' fill-opacity='.75'/%3E%3C/svg%3E";

/** Only our own script may run, and nothing may be loaded: text from data sets stays text even if escaping failed. */
function policy(script: string): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** A diagnosis begins with what it is for, and has nothing to say of training. */
const diagnosisPage = (data: ReportData): Section[] => [
  ...diagnosisSections(data),
  similaritySectionMarkup(data),
  ...(data.tasks.length > 0 ? [accuracySection(data)] : []),
  bitsSection(data),
  ...(data.measures.length > 0 ? [measuresSection(data)] : []),
  ...(data.run ? [dataSection(data), configurationSection(data)] : []),
  notesSection(data),
];

function sectionsOf(data: ReportData): Section[] {
  if (data.diagnosis !== undefined) return diagnosisPage(data);
  return [
    accuracySection(data),
    ...(data.tasks.length > 0 ? [gapSection(data)] : []),
    similaritySectionMarkup(data),
    pcaSectionMarkup(data),
    ...lensSectionsMarkup(data),
    bitsSection(data),
    ...(data.measures.length > 0 ? [measuresSection(data)] : []),
    trainingSectionMarkup(data),
    ...(data.run ? [dataSection(data)] : []),
    configurationSection(data),
    notesSection(data),
  ];
}

function contents(sections: Section[], data: ReportData): Markup {
  const entry = (id: string, title: string) =>
    html`<li><a href="#${id}"${data.missing[id] && html` class="empty"`}>${title}</a></li>`;
  return html`<nav class="contents" aria-label="Contents"><ol>${entry("result", "Result")}${sections.map(({ id, title, short }) => entry(id, short ?? title))}</ol></nav>`;
}

/** What the charts need; the rest of the document is already in the markup. */
function chartData(data: ReportData) {
  const { languages, groups, tasks, gaps, bits, similarity, pca, training } = data;
  return { languages, groups, tasks, gaps, bits, similarity, pca, training };
}

/** The whole report as one HTML document that needs no network. */
export function renderHtml(data: ReportData, assets: Assets): string {
  const sections = sectionsOf(data);
  const script = assets.script.replaceAll("</script", "<\\/script");
  const style = assets.style.replaceAll("</style", "<\\/style");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="interlingua">
<title>${data.title} · interlingua report</title>
<link rel="icon" href="${icon}">
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header class="masthead"><span class="wordmark"><i aria-hidden="true"></i>interlingua</span><span class="kind">${data.diagnosis ? "diagnosis" : "alignment report"}</span></header>
${data.run?.notice && html`<div class="notice" role="note"><strong>Note</strong> ${dataText(data.run.notice)}</div>`}
<div class="layout">
${contents(sections, data)}
<main id="main">
<noscript><p class="missing">The charts are drawn by a script that is part of this file. Without it every number is still in the tables.</p></noscript>
${openingMarkup(data)}
${sections.map((section) => sectionMarkup(section, data.missing[section.id]))}
</main>
</div>
<footer><p>Made by interlingua ${data.run?.version} from one run folder. report.json beside this file holds every number shown.</p></footer>
<script type="application/json" id="report-data">${jsonForScript(chartData(data))}</script>
<script>${{ markup: script }}</script>
</body>
</html>
`.markup;
}
