import type { MeasureSection, ReportData, SimilaritySection, TaskRow, TaskSection } from "./data.ts";
import { placeRecipe, placeSentence } from "./diagnosis-text.ts";
import { change, count, decimal, duration, magnitude, percent, points, probability } from "./format.ts";
import { headlineCells, headlineColumns, similarityTitle } from "./headline.ts";
import { diagnosisTable, gainsTable, intervalTable } from "./lens/diagnosis.ts";
import type { TextTable } from "./lens/table.ts";
import { gainsCaption } from "./measured-gains.ts";
import { metricTitle } from "./titles.ts";

/** Text from data inside a Markdown table: no cell, tag or link can break out of it. */
export function markdownText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

export function table(head: string[], body: string[][], textColumns: number): string {
  const align = head.map((_, column) => (column < textColumns ? ":--" : "--:"));
  return [head, align, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const nameOf = (data: ReportData, code: string): string => {
  const language = data.languages.find((entry) => entry.code === code);
  return markdownText(`${language?.name ?? code} (${code})`);
};

function headline(data: ReportData): string {
  const body = data.headline.map((row) => [row.measure, row.group, ...headlineCells(row)]);
  return table(headlineColumns, body, 2);
}

function taskTable(data: ReportData, section: TaskSection): string {
  const head = [
    "language",
    "before",
    "after",
    "difference",
    "95 % interval",
    "gained",
    "lost",
    "p",
    "p (Holm)",
    "n",
    "",
  ];
  const cells = (row: TaskRow) => {
    const { comparison } = row;
    return [
      nameOf(data, row.language),
      percent(row.before?.value),
      percent(row.after?.value),
      points(comparison?.difference),
      comparison ? `${points(comparison.low)} to ${points(comparison.high)}` : "–",
      comparison ? count(comparison.gained) : "–",
      comparison ? count(comparison.lost) : "–",
      probability(comparison?.p),
      probability(comparison?.adjusted),
      count((row.after ?? row.before)?.n ?? 0),
      row.flags.join(", "),
    ];
  };
  const title = markdownText(`${section.title}, ${metricTitle(section.metric)}`);
  const chance = section.chance === undefined ? "" : `\n\nChance: ${percent(section.chance)}.`;
  return `### ${title}\n\n${table(head, section.rows.map(cells), 1)}${chance}`;
}

function gapTable(data: ReportData): string {
  const body = data.gaps.map((row) => [
    markdownText(row.title),
    row.label,
    percent(row.before?.value),
    percent(row.after?.value),
    percent(row.english.before),
    percent(row.english.after),
  ]);
  return table(["task", "languages", "gap before", "gap after", "English before", "English after"], body, 2);
}

function similarityTable(data: ReportData, section: SimilaritySection): string {
  const { layer, pooling } = section.quoted;
  const index = section.layers.indexOf(layer);
  const ofPlace = section.series.filter((series) => series.pooling === pooling);
  const pairs = [...new Set(ofPlace.map(({ language }) => language))];
  const body = pairs.map((language) => [
    nameOf(data, language),
    ...section.metrics.flatMap((metric) => {
      const series = ofPlace.find((entry) => entry.language === language && entry.metric === metric);
      return [percent(series?.before?.value[index]), percent(series?.after?.value[index])];
    }),
  ]);
  const head = section.metrics.flatMap((metric) => [
    `${similarityTitle(metric)} before`,
    `${similarityTitle(metric)} after`,
  ]);
  const all = `All ${section.layers.length} layers are in report.json.`;
  return `Layer ${layer}, ${markdownText(pooling)} pooling, ${count(section.n)} sentences. ${all}\n\n${table(["English with", ...head], body, 1)}`;
}

function measureTable(data: ReportData, section: MeasureSection): string {
  const body = section.rows.map(({ language, before, after }) => [
    nameOf(data, language),
    decimal(before?.value),
    decimal(after?.value),
    before && after ? change(after.value - before.value) : "–",
  ]);
  const direction = section.lowerIsBetter ? " (lower is better)" : "";
  return `### ${markdownText(section.title)}${direction}\n\n${table(["language", "before", "after", "difference"], body, 1)}`;
}

function provenance(data: ReportData): string {
  const { run, training } = data;
  if (!run) return "";
  const body = run.data.map((row) => [
    markdownText(row.role),
    markdownText(row.path),
    count(row.rows),
    markdownText(row.licence ?? "not stated"),
    row.sha256.slice(0, 12),
  ]);
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `Seed ${run.seed}; ${run.device.kind}, ${run.device.name}, ${run.device.threads} threads, ${run.device.dtype}; interlingua ${run.version}, ${versions.join(", ")}.`,
    ...(training
      ? [
          `Training: ${count(training.steps)} steps, ${magnitude(training.tokens)} tokens, ${duration(training.seconds)}.`,
        ]
      : []),
  ];
  // the fence is longer than any run of backticks in the recipe
  const fence = "`".repeat(Math.max(3, ...[...run.recipe.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `## Data\n\n${table(["used for", "file", "rows", "licence", "sha256"], body, 2)}\n\n## Configuration\n\n${lines.map(markdownText).join("\n")}\n\n${fence}yaml\n${run.recipe.trimEnd()}\n${fence}`;
}

/** A table without folding, between the paragraphs of a section. */
const plainTable = ({ title, head, rows }: TextTable): string =>
  `### ${markdownText(title)}\n\n${table(
    head.map(markdownText),
    rows.map((row) => row.map(markdownText)),
    1,
  )}`;

/** What the command line prints of a lens. */
const lensTables = ({ figure, tables }: ReportData["lenses"][number]): string[] => [
  `## ${markdownText(figure.title)}`,
  markdownText(figure.caption),
  ...tables.map(plainTable),
];

/** What `diagnose` found, first things first. */
function diagnosisBlocks({ diagnosis }: ReportData): string[] {
  if (diagnosis === undefined) return [];
  const recipe = placeRecipe(diagnosis);
  return [
    "## Languages ranked",
    plainTable(diagnosisTable(diagnosis)),
    plainTable(intervalTable(diagnosis)),
    "## Which layer to align",
    markdownText(placeSentence(diagnosis) ?? "No evidence."),
    ...(recipe === undefined ? [] : [`\`\`\`yaml\n${recipe}\`\`\``]),
    "## What alignment could gain",
    markdownText(gainsCaption),
    plainTable(gainsTable()),
  ];
}

/** The report as Markdown tables, for model cards and pull requests. */
export function renderMarkdown(data: ReportData): string {
  const { verdict, missing } = data;
  const absent = (id: string) => (missing[id] ? [`## ${id}\n\n${missing[id]}`] : []);
  const blocks = [
    `# ${markdownText(data.title)}`,
    ...(data.run?.notice ? [`> **Note:** ${markdownText(data.run.notice)}`] : []),
    `**${markdownText(verdict.title)}**`,
    ...verdict.details.map((text) => `- ${markdownText(text)}`),
    markdownText(data.summary),
    ...(data.headline.length > 0 ? [headline(data)] : []),
    ...diagnosisBlocks(data),
    ...(data.cautions.length > 0
      ? ["## Before you quote these numbers", data.cautions.map((text) => `- ${markdownText(text)}`).join("\n")]
      : []),
    ...(data.tasks.length > 0
      ? ["## Accuracy by language", ...data.tasks.map((section) => taskTable(data, section))]
      : absent("accuracy")),
    ...(data.gaps.length > 0 ? ["## Gap to English", gapTable(data)] : []),
    ...(data.similarity ? ["## Shared space", similarityTable(data, data.similarity)] : absent("similarity")),
    ...data.lenses.flatMap(lensTables),
    ...[...data.bits, ...data.measures].map((section) => measureTable(data, section)),
    ...(data.training ? [] : absent("training")),
    provenance(data),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
