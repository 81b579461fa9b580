import { existsSync } from "node:fs";
import { join } from "node:path";
import { findLanguage } from "../text/languages.ts";
import { readSource } from "../text/source.ts";
import { type ChoicePrompt, wholeText } from "./prompt.ts";
import type { TaskRow } from "./row.ts";
import { type RowReader, rowReader } from "./rows.ts";
import { labelIndex } from "./table.ts";
import { choiceTask } from "./task.ts";

const labels = ["1", "2"] as const;
const folders = ["xwinograd", "xwinograd/data", "XWinograd"];
const spellings = { ja: ["jp"] };

/** The text before and after the gap, and what fits into it. */
function withGap(sentence: string, option1: string, option2: string, place: string): Record<string, string> {
  const gap = sentence.indexOf("_");
  if (gap < 0)
    throw new Error(`${place}: expected a sentence with a gap written _, received ${JSON.stringify(sentence)}.`);
  return { before: sentence.slice(0, gap), after: sentence.slice(gap + 1), option1, option2 };
}

const readRows = rowReader({
  task: "xwinograd",
  labels,
  layout: {
    folders,
    official: { test: ["test/*.jsonl", "*/xwinograd-test.parquet", "*.jsonl", "xwinograd.*.test.jsonl"], dev: [] },
    harness: "xwinograd",
    spellings,
  },
  format: {
    names: { sentence: ["sentence"], option1: ["option1"], option2: ["option2"], label: ["answer"] },
  },
  licence: "CC BY 4.0",
  label: ({ fields, place }) => ({ label: labelIndex(String(Number(fields.label) - 1), labels, place) }),
  fields: ({ fields, place }) => withGap(fields.sentence!, fields.option1!, fields.option2!, place),
});

/** Where a token begins; the file's tokens write quotation marks as `` and ''. */
function tokenStart(sentence: string, tokens: readonly string[], wanted: number, place: string): number {
  let end = 0;
  for (const [i, token] of tokens.entries()) {
    const forms = ["``", "''"].includes(token) ? [token, '"'] : [token];
    const found = forms
      .map((form) => ({ start: sentence.indexOf(form, end), length: form.length }))
      .filter(({ start }) => start >= 0)
      .sort((a, b) => a.start - b.start)[0];
    if (!found) throw new Error(`${place}: the token ${JSON.stringify(token)} is not in the sentence after its place.`);
    if (i === wanted) return found.start;
    end = found.start + found.length;
  }
  throw new Error(`${place}: expected a token ${wanted} (from 0), received ${tokens.length} tokens.`);
}

/** The publisher's single file: language, …, sentence, its tokens, the pronoun and the two candidates as JSON with spans of tokens. */
function officialRow(line: string, place: string): Omit<TaskRow, "id"> {
  const cells = line.split("\t");
  if (cells.length !== 7) throw new Error(`${place}: expected 7 columns separated by tabs, received ${cells.length}.`);
  const sentence = cells[3]!;
  const [tokens, pronoun, candidates] = cells.slice(4).map((cell) => JSON.parse(cell) as unknown) as [
    string[],
    [string, [number, number]],
    [string, [number, number], string[], boolean][],
  ];
  const start = tokenStart(sentence, tokens, pronoun[1][0], place);
  const [first, second] = candidates;
  return {
    label: second![3] ? 1 : 0,
    fields: {
      before: sentence.slice(0, start),
      after: sentence.slice(start + pronoun[0].length),
      option1: first![0],
      option2: second![0],
    },
  };
}

const read: RowReader = async (folder, code, split) => {
  const path = folders.map((name) => join(folder, name, "dataset.tsv")).find(existsSync);
  if (split !== "test" || path === undefined) return readRows(folder, code, split);
  const file = readSource(path);
  const rows = file.lines
    .map((line, i) => ({ line, place: `${path}:${i + 1}` }))
    .filter(({ line }) => findLanguage(line.slice(0, line.indexOf("\t")))?.code === code)
    .map(({ line, place }, i) => ({ id: String(i), ...officialRow(line, place) }));
  return { rows, sources: [{ ...file.source("xwinograd", rows.length, code), licence: "Apache-2.0" }] };
};

const options: ChoicePrompt["choices"] = ({ fields }) => [fields.option1!, fields.option2!];

/** The text after the gap is scored after each filled gap. */
const gap = { context: "{before}{choice}", continuation: "{after}", separator: "\n\n", choices: options } as const;

/** Winograd schemas (Tikhonov and Ryabinin 2021), 6 languages, which are not parallel. */
export const xwinograd = choiceTask({
  name: "xwinograd",
  languages: ["en", "fr", "ja", "pt", "ru", "zh"],
  labels,
  parallel: false,
  read,
  texts: ["before", "after"],
  prompts: {
    interlingua: () => ({ ...gap, delimiter: "", scoring: "continuation", counted: "continuation" }),
    // the harness strips the rest and puts a space before it, also where the language writes none
    harness: () => ({
      ...gap,
      delimiter: " ",
      scoring: "continuation",
      fields: ({ fields }) => ({ ...fields, after: fields.after!.trim() }),
    }),
    // Source: AFP's src/xwinograd_prompt.py
    afp: () => wholeText({ continuation: "{before}{choice}{after}", choices: options }),
  },
  harness: { evaluated: "test", demonstrations: "test", excludesItself: false },
  layouts: "xwinograd/dataset.tsv, xwinograd/test/<language>.jsonl or xwinograd/xwinograd_<language>.test.jsonl",
});
