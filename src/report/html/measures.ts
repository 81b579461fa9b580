import type { Estimate, GapRow, MeasureSection, ReportData, TaskRow, TaskSection } from "../data.ts";
import { change, count, decimal, percent, points, probability } from "../format.ts";
import { metricTitle } from "../titles.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { encoding, figure, type Section } from "./section.ts";
import { type Column, folded, table } from "./table.ts";

/** "German de" with a mark of the group's colour. */
export function languageCell(data: ReportData, code: string): Markup {
  const language = data.languages.find((entry) => entry.code === code);
  return html`<i class="mark ${language?.group ?? "unseen"}"></i>${language?.name ?? code} <span class="code">${code}</span>`;
}

const withInterval = (estimate: Estimate | undefined, show: (value: number) => string): Content =>
  estimate
    ? html`${show(estimate.value)}<span class="range">${show(estimate.low).replace(/\u202f%$/, "")} to ${show(estimate.high)}</span>`
    : "–";

function predictionsBar(estimate: Estimate | undefined): Content {
  const entries = Object.entries(estimate?.predictions ?? {});
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  if (total === 0) return "";
  const spoken = entries.map(([label, share]) => `${label} ${percent(share / total, 0)}`).join(", ");
  const parts = entries.map(([, share]) => html`<i style="flex-grow:${share}"></i>`);
  return html`<span class="labels" role="img" aria-label="${spoken}" title="${spoken}">${parts}</span>`;
}

/** "German de", and under it what to know before believing the row. */
function rowName(data: ReportData, row: TaskRow): Markup {
  return html`${languageCell(data, row.language)}${row.flags.map((flag) => html`<span class="flag">${flag}</span>`)}`;
}

function pCell({ comparison }: TaskRow): Content {
  if (!comparison) return "–";
  const adjusted = probability(comparison.adjusted);
  const shown = (comparison.adjusted ?? 1) < 0.05 ? html`<strong>${adjusted}</strong>` : adjusted;
  return html`${shown}<span class="range">${probability(comparison.p)}</span>`;
}

function taskColumns(data: ReportData, sizes: Set<number>): Column<TaskRow>[] {
  const n: Column<TaskRow> = { title: "n", cell: (row) => count((row.after ?? row.before)?.n ?? 0) };
  return [
    { title: "Language", kind: "text", cell: (row) => rowName(data, row) },
    { title: "Before", cell: (row) => withInterval(row.before, percent) },
    { title: "After", cell: (row) => withInterval(row.after, percent) },
    {
      title: "Difference",
      hint: "percentage points, paired 95 % interval",
      cell: ({ comparison }) =>
        comparison
          ? html`${points(comparison.difference)}<span class="range">${points(comparison.low)} to ${points(comparison.high)}</span>`
          : "–",
    },
    {
      title: "Gained / lost",
      hint: "examples answered wrong before and right after / right before and wrong after",
      cell: ({ comparison }) => (comparison ? `${count(comparison.gained)} / ${count(comparison.lost)}` : "–"),
    },
    { title: "Adjusted p", hint: "Holm over the languages of this task; below it the exact McNemar p", cell: pCell },
    {
      title: "Detectable",
      hint: "smallest difference found with 80 % power at this n, in points",
      cell: ({ comparison }) => (comparison ? points(comparison.detectable).slice(1) : "–"),
    },
    ...(sizes.size > 1 ? [n] : []),
    {
      title: "Majority",
      hint: "accuracy of always giving the most frequent label",
      cell: (row) => percent(row.majority),
    },
    {
      title: "Labels given",
      hint: "share of each label among the answers, before above after",
      kind: "text",
      cell: (row) => html`${predictionsBar(row.before)}${predictionsBar(row.after)}`,
    },
  ];
}

function taskTable(data: ReportData, section: TaskSection): Markup {
  const sizes = new Set(section.rows.map((row) => (row.after ?? row.before)?.n ?? 0));
  const n = sizes.size === 1 ? `, n = ${count([...sizes][0]!)} each` : "";
  const prompts = section.prompts ? `, prompts “${section.prompts}”` : "";
  const name = `${section.title}: ${metricTitle(section.metric)} by language${prompts}${n}`;
  return folded(name, table(name, taskColumns(data, sizes), section.rows, "stacked"));
}

/** Accuracy by language: the charts and, folded, every number behind them. */
export function accuracySection(data: ReportData): Section {
  const paired = data.models.before && data.models.after;
  const caption = html`Whiskers are 95 % intervals of each accuracy. ${paired && html`The figures on the right are paired differences in percentage points; <strong>bold</strong> ones differ from zero after Holm's correction over the languages of the task (exact McNemar, adjusted p &lt; 0.05). `}The dashed line is chance; a small tick is the accuracy of always giving the most frequent label, where that is another one.`;
  return {
    id: "accuracy",
    title: "Accuracy by language",
    body: html`${encoding(data)}${figure("accuracy", caption)}${data.tasks.map((section) => taskTable(data, section))}`,
  };
}

/** How far the other languages are behind English. */
export function gapSection(data: ReportData): Section {
  const columns: Column<GapRow>[] = [
    { title: "Task", kind: "text", cell: (row) => row.title },
    { title: "Languages", kind: "text", cell: (row) => html`<i class="mark ${row.group}"></i>${row.label}` },
    { title: "Gap before", cell: (row) => withInterval(row.before, percent) },
    { title: "Gap after", cell: (row) => withInterval(row.after, percent) },
    { title: "English before", cell: (row) => percent(row.english.before) },
    { title: "English after", cell: (row) => percent(row.english.after) },
  ];
  const caption = html`Relative gap: (English − mean of the group) / English. Zero is parity with English; further right is further behind. A gap also closes when English falls, so read it beside English's own accuracy.`;
  return {
    id: "gap",
    title: "Gap to English",
    body: html`${figure("gap", caption)}${folded("The gap in numbers", table("Relative gap to English by task and group", columns, data.gaps, "stacked"))}`,
  };
}

function measureTable(data: ReportData, section: MeasureSection): Markup {
  const columns: Column<MeasureSection["rows"][number]>[] = [
    { title: "Language", kind: "text", cell: (row) => languageCell(data, row.language) },
    { title: "Before", cell: (row) => withInterval(row.before, decimal) },
    { title: "After", cell: (row) => withInterval(row.after, decimal) },
    {
      title: "Difference",
      cell: ({ before, after }) => (before && after ? change(after.value - before.value) : "–"),
    },
    { title: "n", cell: (row) => count((row.after ?? row.before)?.n ?? 0) },
  ];
  return folded(
    `${section.title} by language`,
    table(`${section.title} by language`, columns, section.rows, "stacked"),
  );
}

/** How well the model predicts plain text in each language. */
export function bitsSection(data: ReportData): Section {
  const caption = html`Bits the model needs per byte of text, with 95 % intervals; lower is better. Compare a language with itself: scripts differ in bytes per letter, so levels do not compare across languages.${data.models.before && data.models.after && html` A change is <strong>bold</strong> where its interval leaves out zero.`}`;
  return {
    id: "bits",
    title: "Bits per byte",
    body: html`${encoding(data)}${figure("bits", caption)}${data.bits.map((section) => measureTable(data, section))}`,
  };
}

/** Numbers of tasks that are neither accuracies nor bits per byte. */
export function measuresSection(data: ReportData): Section {
  return { id: "measures", title: "Other measures", body: data.measures.map((section) => measureTable(data, section)) };
}
