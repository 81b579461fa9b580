import { join } from "node:path";
import { language, languages } from "../text/languages.ts";
import { findFloresLines } from "./flores.ts";
import { type AnsweredRows, type GenerationPrompt, generationTask, type Place } from "./generation.ts";
import { findFiles } from "./layouts.ts";
import type { Split } from "./row.ts";
import { readTable } from "./table.ts";

/** Rows of a file as lm-evaluation-harness names the task: sentence_deu_Latn, sentence_spa_Latn. */
async function harnessRows(folder: string, from: string, to: string, split: string) {
  const names = ["flores_translation", "flores-translation", "flores"];
  const paths = findFiles(
    folder,
    to,
    names.map((name) => join(name, `flores_${from}-*.${split}.jsonl`)),
  );
  if (!paths) return undefined;
  const column = (code: string) => [`sentence_${language(code).flores}`];
  return readTable(paths, to, "flores-translation", { names: { source: column(from), target: column(to) } });
}

async function read(
  folder: string,
  { source: from, code: to }: Place,
  split: Split,
): Promise<AnsweredRows | undefined> {
  const name = { train: "dev", dev: "dev", test: "devtest" } as const;
  const table = await harnessRows(folder, from!, to, name[split]);
  if (table)
    return {
      rows: table.rows.map(({ fields }, i) => ({
        id: String(i),
        fields: { source: fields.source! },
        answers: [fields.target!],
      })),
      sources: table.sources,
    };
  const [source, target] = [from!, to].map((code) => findFloresLines(folder, code, { split: name[split] }));
  if (!source || !target) return undefined;
  if (source.lines.length !== target.lines.length)
    throw new Error(
      `${source.source.path} has ${source.lines.length} lines and ${target.source.path} ${target.lines.length}: ` +
        "they are not parallel.",
    );
  return {
    rows: source.lines.map((line, i) => ({ id: String(i), fields: { source: line }, answers: [target.lines[i]!] })),
    sources: [source.source, target.source],
  };
}

/** Source: tasks/spanish_bench/flores_es and its like of lm-evaluation-harness 0.4.13. */
const asked = ({ source, code }: Place, delimiter: string): GenerationPrompt => ({
  prompt: `${language(source!).name} sentence: {source}\n${language(code).name} sentence:`,
  delimiter,
  separator: "\n\n",
  stop: ["\n"],
  maximumNewTokens: 256,
  extract: (text) => text.trim(),
  corpusMetrics: ["bleu", "chrf", "ter"],
});

/** Translation of FLORES-200 devtest (NLLB Team 2022) from any language into any other, written as a pair: de-es. */
export const floresTranslation = generationTask({
  name: "flores-translation",
  languages: languages.map(({ code }) => code),
  pairs: true,
  parallel: true,
  read,
  prompts: {
    interlingua: (place) => asked(place, " "),
    // the harness' answer follows the colon directly, and is compared as it is
    harness: (place) => ({ ...asked(place, ""), extract: (text) => text }),
  },
  harness: { evaluated: "test", demonstrations: "dev", excludesItself: false },
  layouts: "flores200/<FLORES code>.devtest or flores/flores_<source>-<target>.devtest.jsonl",
});
