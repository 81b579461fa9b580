import type { DataSource } from "../../run/records.ts";
import type { ReportData, RunSection } from "../data.ts";
import { count, duration, magnitude } from "../format.ts";
import { languageName } from "../languages.ts";
import { type Content, dataText, html, type Markup } from "./markup.ts";
import { figure, type Section } from "./section.ts";
import { folded, table } from "./table.ts";

const facts = (entries: [string, Content][]): Markup =>
  html`<dl class="facts">${entries.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;

/** The last two parts of a path: enough to recognise a file; the title has the rest. */
const shortPath = (path: string): string => path.split("/").slice(-2).join("/");

/** How the optimisation went. */
export function trainingSectionMarkup(data: ReportData): Section {
  const { training } = data;
  if (!training) return { id: "training", title: "Training", body: "" };
  const every = training.every > 1 ? `Each point is the mean of ${training.every} steps. ` : "";
  const caption = html`${every}The thin line is what was logged, the strong one a moving average. Losses are in nats and unweighted except for the sum. Point at a chart to read all of them at one step.`;
  const last = (name: string) =>
    training.curves.find((curve) => curve.name === name)?.value.findLast((value) => value !== null);
  const rows = training.curves.map((curve) => ({ title: curve.title, first: curve.value[0], last: last(curve.name) }));
  const show = (value: number | null | undefined) => (value == null ? "–" : Number(value.toPrecision(4)).toString());
  return {
    id: "training",
    title: "Training",
    body: html`${facts([
      ["Steps", count(training.steps)],
      ["Tokens", magnitude(training.tokens)],
      ["Time in steps", duration(training.seconds)],
      ["Speed", `${magnitude(training.tokensPerSecond)} tokens/s`],
    ])}${figure("training", caption)}${folded(
      "First and last values",
      table(
        "Training curves, first and last value",
        [
          { title: "Curve", kind: "text", cell: (row) => row.title },
          { title: "First", cell: (row) => show(row.first) },
          { title: "Last", cell: (row) => show(row.last) },
        ],
        rows,
      ),
    )}`,
  };
}

/** Every file that a number depends on. */
export function dataSection(data: ReportData): Section {
  const sources = data.run?.data ?? [];
  return {
    id: "data",
    title: "Data used",
    body:
      sources.length === 0
        ? html`<p class="missing">run.json names no data.</p>`
        : table<DataSource>(
            "Data used, with licences and checksums",
            [
              { title: "Used for", kind: "text", cell: (row) => dataText(row.role) },
              {
                title: "File",
                kind: "text",
                cell: (row) => html`<span class="path" title="${row.path}">${dataText(shortPath(row.path))}</span>`,
              },
              {
                title: "Language",
                kind: "text",
                cell: (row) => (row.language ? languageName(row.language) : "several"),
              },
              { title: "Rows", cell: (row) => count(row.rows) },
              {
                title: "Licence",
                kind: "text",
                cell: (row) => (row.licence ? dataText(row.licence) : html`<span class="flag">not stated</span>`),
              },
              {
                title: "SHA-256",
                kind: "text",
                cell: (row) => html`<code title="${row.sha256}">${row.sha256.slice(0, 12)}</code>`,
              },
            ],
            sources,
          ),
  };
}

/** "2025-11-20T14:05:00.000Z" → "2025-11-20 14:05 UTC"; another spelling stays as it is. */
const started = (time: string): string => time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, "$1 $2 UTC");

function environment(run: RunSection, data: ReportData): Markup {
  const { before, after } = data.models;
  const hash = (text: string) => html`<code title="${text}">${text.slice(0, 12)}</code>`;
  return facts([
    ["Model", html`${dataText(run.model.name)}, ${run.model.family}`],
    ["Size", `${magnitude(run.model.parameters)} parameters, ${run.model.layers} layers × ${run.model.width}`],
    ["Weights before", before ? hash(before.hash) : hash(run.model.hash)],
    ...(after ? [["Weights after", hash(after.hash)] as [string, Content]] : []),
    [
      "Device",
      html`${run.device.kind}, ${dataText(run.device.name)}, ${run.device.threads} threads, ${run.device.dtype}`,
    ],
    ["Seed", run.seed],
    ["Started", started(run.created)],
    ["interlingua", run.version],
    ...Object.entries(run.versions).map(([name, version]): [string, Content] => [name, version]),
  ]);
}

/** What to give to someone who wants the same numbers. */
export function configurationSection(data: ReportData): Section {
  const { run } = data;
  return {
    id: "configuration",
    title: "Configuration",
    body:
      run &&
      html`${environment(run, data)}<h3>Resolved recipe</h3>
<div class="copyable"><pre tabindex="0" aria-label="Resolved recipe"><code>${run.recipe}</code></pre></div>`,
  };
}
