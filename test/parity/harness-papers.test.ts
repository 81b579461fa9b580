import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChoiceRow } from "../../src/eval/multiple-choice.ts";
import { type EvaluateOptions, measuredModel } from "../../src/recipe/evaluate.ts";
import { runFolder } from "../../src/run/folder.ts";
import { readLines } from "../../src/run/lines.ts";
import { modelKey } from "../../src/run/records.ts";
import type { LabelMode } from "../../src/tasks/prompt.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

const afp = "reference/papers/afp";
const published = "reference/papers/question-translation";
const model = "reference/harness/model";
const read = <T>(path: string): T => JSON.parse(readFileSync(shared(path), "utf8")) as T;
const quiet = { say: () => {}, progress: () => ({ update() {}, finish() {} }), signal: new AbortController().signal };

/** What the verb does with these options; the rows of the one task and language. */
async function rowsOf(
  files: Record<string, string>,
  own: Pick<EvaluateOptions, "tasks" | "languages" | "shots" | "prompts" | "protocol"> & { seed: number },
): Promise<ChoiceRow[]> {
  const output = join(folderWith(), "run");
  const { seed, ...options } = own;
  const file = await measuredModel({
    ...{ model: shared(model), device: "cpu", compute: "float32", batchTokens: 4096, watch: quiet, output },
    ...{ data: folderWith(files), seeds: [seed], ...options },
  });
  expect(file.failed).toBe(0);
  const [{ task, language, shots }] = file.results as [(typeof file.results)[number]];
  return readLines<ChoiceRow>(
    runFolder(output).examples(modelKey(file.model), task, language, options.shots[0] ?? shots, seed),
  );
}

/** One configuration of AFP's own evaluation. */
interface Cloze {
  task: "pawsx" | "xnli" | "xcopa" | "xwinograd" | "xstorycloze";
  prompt_language: string;
  demo_file: string;
  test_file: string;
  num_shots: number;
  seed: number;
  prompt_format: unknown;
  items: { gold: number; prediction: number; log2_scores: number[]; token_counts: number[] }[];
}

/** Where our readers look for AFP's demonstration file and test file. */
const places: Record<Cloze["task"], (code: string) => [string, string]> = {
  pawsx: (code) => [`pawsx/${code}/dev_2k.tsv`, `pawsx/${code}/test_2k.tsv`],
  xnli: (code) => [`xnli/dev-${code}.tsv`, `xnli/test-${code}.tsv`],
  xcopa: (code) => [`xcopa/${code}/val.${code}.jsonl`, `xcopa/${code}/test.${code}.jsonl`],
  xwinograd: (code) => [`xwinograd/validation-${code}.jsonl`, `xwinograd/test/${code}.jsonl`],
  xstorycloze: (code) => [
    `xstorycloze/spring2016.val.${code}.tsv.split_20_80_train.tsv`,
    `xstorycloze/spring2016.val.${code}.tsv.split_20_80_eval.tsv`,
  ],
};

const argmax = (values: readonly number[]) => values.indexOf(Math.max(...values));

describe("AFP, through eval --prompts afp", () => {
  // the reference has 30 configurations; a count that changes would leave some untested
  test.for(Array.from({ length: 30 }, (_, i) => i))(
    "configuration %i: scores in bits, predictions",
    async (i, context) => {
      needs(context, `${afp}/cloze.json`, model);
      const { configurations } = read<{ configurations: Cloze[] }>(`${afp}/cloze.json`);
      expect(configurations).toHaveLength(30);
      const cloze = configurations[i]!;
      const [demonstrations, items] = [cloze.demo_file.split(".")[1]!, cloze.test_file.split(".")[1]!];
      const file = (name: string) => readFileSync(shared(`${afp}/${name}`), "utf8");
      const rows = await rowsOf(
        {
          [places[cloze.task](demonstrations)[0]]: file(cloze.demo_file),
          [places[cloze.task](items)[1]]: file(cloze.test_file),
        },
        {
          ...{ tasks: [cloze.task], languages: [items], shots: [cloze.num_shots], seed: cloze.seed, prompts: "afp" },
          protocol: {
            ...{ promptLanguage: cloze.prompt_language, demonstrationLanguage: demonstrations },
            afpForm: cloze.prompt_format ? "paper" : "code",
          },
        },
      );
      expect(rows).toHaveLength(cloze.items.length);
      for (const [at, { gold, prediction, log2_scores }] of cloze.items.entries()) {
        const { label, scores } = rows[at]!;
        expect(label).toBe(gold);
        // the reference's tolerance, in bits
        for (const [choice, want] of log2_scores.entries())
          expect(Math.abs(scores[choice]! - want), `item ${at} choice ${choice}`).toBeLessThanOrEqual(2e-3);
        const [best, second] = log2_scores.toSorted((a, b) => b - a) as [number, number];
        if (best - second > 4e-3) expect(rows[at]!.prediction, `item ${at}`).toBe(prediction);
        expect(rows[at]!.prediction).toBe(argmax(scores));
      }
    },
  );
});

interface Option {
  task: "emotion" | "nli" | "paraphrase";
  lang: string;
  label_language: string;
  prompt: string;
  labels: string[];
  sums: number[];
  prediction: number | number[];
  gold: number;
}

/** How the released files of a task are named, and what is in them. */
const releases = {
  emotion: { task: "polarity", folder: "ap_emotion", start: "emotion", count: 500, fields: ["input"], shots: 2 },
  nli: { task: "snli", folder: "snli", start: "snli", count: 600, fields: ["premise", "hypothesis"], shots: 6 },
  paraphrase: { task: "paws", folder: "paws", start: "paws", count: 500, fields: ["sentence1", "sentence2"], shots: 4 },
} as const;

/** The prompt's demonstrations, and the lines of the item. */
function parts({ task, prompt }: Option): { shown: string; item: string[] } {
  const lines = prompt.split("\n");
  const own = releases[task].fields.length + 1;
  return { shown: lines.slice(0, -own).join("\n"), item: lines.slice(-own, -1) };
}

const modeOf = ({ labels, lang, label_language }: Option): LabelMode =>
  labels[0] === "ox" ? "task-agnostic" : label_language === "en" || lang === "en" ? "english" : "same-language";

describe("question translation, through eval --prompts question-translation", () => {
  const cases = (
    [
      ["emotion", ["en", "zh", "de", "sw", "ru", "th"]],
      ["nli", ["en", "zh", "de", "sw", "ru", "th"]],
      ["paraphrase", ["en", "zh", "de", "fr", "es", "ja"]],
    ] as const
  ).flatMap(([task, languages]) => languages.map((lang) => [task, lang] as const));
  let checked = 0;

  test.for(cases)("%s %s: sums of probabilities, predictions", async ([task, lang], context) => {
    needs(context, `${published}/option_scoring.json`, model);
    const all = read<{ items: Option[] }>(`${published}/option_scoring.json`).items;
    const own = all.filter((item) => item.task === task && item.lang === lang);
    expect(own.length).toBeGreaterThan(0);
    const release = releases[task];
    const english = own.find((item) => modeOf(item) === "english")!;
    for (const mode of new Set(own.map(modeOf))) {
      // the code compares what follows a common beginning of the Thai words, the reference compares the words
      if (lang === "th" && mode === "same-language") continue;
      const items = own.filter((item) => modeOf(item) === mode);
      const rows = await rowsOf(
        {
          [`${release.folder}/${release.start}_${lang}${release.count}_test.json`]: JSON.stringify(
            items.map((item) => ({
              ...Object.fromEntries(
                release.fields.map((field, i) => [field, parts(item).item[i]!.replace(scaffold(task), "")]),
              ),
              answer: english.labels[item.gold],
            })),
          ),
          // the script's text is read as it stands between the quotation marks
          [`${release.start}_eval_${release.shots}shot_enout.py`]: `prompt_prefix = {\n    '${lang}': '''${parts(english).shown}''',\n}\n`,
        },
        {
          ...{
            tasks: [release.task],
            languages: [lang],
            shots: [release.shots],
            seed: 0,
            prompts: "question-translation",
          },
          protocol: { labelMode: mode },
        },
      );
      for (const [i, { sums, prediction, gold }] of items.entries()) {
        const row = rows[i]!;
        expect(row.label).toBe(gold);
        for (const [label, want] of sums.entries())
          expect(Math.abs(row.scores[label]! - want), `${mode} ${i}`).toBeLessThanOrEqual(1e-6);
        expect([prediction].flat(), `${mode} ${i}`).toContain(row.prediction);
        checked++;
      }
    }
  });

  test("nearly all items of the reference were checked", (context) => {
    needs(context, `${published}/option_scoring.json`, model);
    expect(checked).toBeGreaterThanOrEqual(150);
  });
});

/** The word before a field, such as `Premise: `; reviews have none. */
const scaffold = (task: Option["task"]): RegExp | string => (task === "emotion" ? "" : /^[^:：]+[:：] ?/);
