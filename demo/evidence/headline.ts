import { clusters } from "./clusters.ts";
import { difference, groups, meanOf, runsOf } from "./compare.ts";
import type { ResultLine } from "./rows.ts";

/** Part of a model's language_mass rows: layer, language of the text, language of the tokens. */
interface MassRow {
  layer: number;
  language?: string;
  metric: string;
  token_language?: string;
  value: number;
}

const percent = (value: number | undefined) => (value === undefined ? "–" : (100 * value).toFixed(1));
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;

/** Columns side by side, the first to the left. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const text = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return `${rows.map((row) => text(row).trimEnd()).join("\n")}\n`;
}

interface Row {
  label: string;
  task: string;
  languages: readonly string[];
}

/** Before, after, the difference with its interval, and what the committed controls have on the same items. */
function table(
  lines: readonly ResultLine[],
  variant: string,
  controls: readonly string[],
  rows: readonly Row[],
): string {
  const once = lines.filter(({ base, seed }) => base === 0 && seed === 0);
  const columns = controls.filter((name) => runsOf(once, name).length > 0);
  const body = rows.map(({ label, task, languages }) => {
    const value = (name: string) => percent(meanOf(once, { variant: name, task, languages }));
    const change = difference(once, { first: "base", second: variant, task, languages }, clusters);
    const text = change ? `${signed(change.difference)} (${signed(change.low)} to ${signed(change.high)})` : "";
    return [label, value("base"), value(variant), text, ...columns.map(value)];
  });
  return aligned([["%", "before", "after", "difference, 95 %", ...columns], ...body]);
}

const { aligned: six, "never aligned": three, English: english } = groups;
const alignmentRows: readonly Row[] = [
  { label: "held-out facts, aligned, answers in English", task: "fact-in-english", languages: six },
  { label: "held-out facts, aligned, answers in the language", task: "fact", languages: six },
  { label: "translation, aligned", task: "translation", languages: six },
  { label: "inference from the language to English, aligned", task: "inference-across", languages: six },
  { label: "inference, aligned", task: "inference", languages: six },
  { label: "paraphrase, aligned", task: "paraphrase", languages: six },
  { label: "inference, English", task: "inference", languages: english },
  { label: "paraphrase, English", task: "paraphrase", languages: english },
  { label: "held-out facts, English", task: "fact", languages: english },
  { label: "inference, never aligned", task: "inference", languages: three },
  { label: "paraphrase, never aligned", task: "paraphrase", languages: three },
  { label: "held-out facts, never aligned, answers in English", task: "fact-in-english", languages: three },
];
const asked = ["de", "zh"];
const questionRows: readonly Row[] = [
  { label: "held-out facts, German and Chinese, answers in English", task: "fact-in-english", languages: asked },
  {
    label: "held-out facts, seven other languages, answers in English",
    task: "fact-in-english",
    languages: [...six, ...three].filter((code) => !asked.includes(code)),
  },
  { label: "held-out facts, English", task: "fact-in-english", languages: english },
];

const layersOf = (lines: readonly ResultLine[]) => [
  ...new Set(lines.flatMap(({ task }) => task.match(/^retrieval, layer (\d+)$/)?.[1] ?? [])),
];

/** Translations found by layer, before → after. */
function retrieval(lines: readonly ResultLine[], layers: readonly string[]): string[][] {
  const both = [
    ["aligned", six],
    ["never aligned", three],
  ] as const;
  return both.flatMap(([name, languages]) =>
    ["base", "AFP"].map((variant) => [
      `translations found, ${name}, ${variant === "base" ? "before" : "after"}`,
      ...layers.map((layer) => percent(meanOf(lines, { variant, task: `retrieval, layer ${layer}`, languages }))),
    ]),
  );
}

/** Probability of English words in the middle of other languages' texts, by layer. */
function pivot(logit: readonly (readonly MassRow[])[], layers: readonly string[]): string[][] {
  return logit.map((rows, stage) => [
    `English in the logit lens, aligned, ${stage === 0 ? "before" : "after"}`,
    ...layers.map((layer) => {
      const values = six.map((code) =>
        rows
          .filter(({ metric, language, token_language: own, layer: at }) => {
            return metric === "language_mass" && language === code && own === "en" && at === Number(layer);
          })
          .reduce((sum, { value }) => sum + value, 0),
      );
      return percent(values.reduce((sum, value) => sum + value, 0) / values.length);
    }),
  ]);
}

/**
 * The demo's closing tables. `lines` are the run's own figures together with the committed controls; `logit` the logit
 * lens before and after.
 */
export function headline(lines: readonly ResultLine[], logit: readonly (readonly MassRow[])[]): string {
  const layers = layersOf(lines);
  return [
    "AFP. On the right the controls on the same items (docs/demo.md):\n",
    table(lines, "AFP", ["shuffled pairs", "contrastive only", "instruction only", "monolingual"], alignmentRows),
    "Question translation:\n",
    table(lines, "question translation", ["shuffled questions"], questionRows),
    "Inside, by layer:\n",
    aligned([["%", ...layers], ...retrieval(lines, layers), ...pivot(logit, layers)]),
  ].join("\n");
}
