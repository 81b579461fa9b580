import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { choiceTasks } from "../../src/tasks/index.ts";
import { labelTokenIds, labelTokens } from "../../src/tasks/label-tokens.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

/** One configuration of AFP's own evaluation. */
interface Cloze {
  task: "pawsx" | "xnli" | "xcopa" | "xwinograd" | "xstorycloze";
  prompt_language: string;
  demo_file: string;
  test_file: string;
  num_shots: number;
  seed: number;
  prompt_format: unknown;
  demos_str: string;
  evaluation_order_source_rows: number[];
  items: { source_row: number; gold: number; strings_without_demos: string[] }[];
}

const afp = "reference/papers/afp";
const published = "reference/papers/question-translation";
const read = <T>(path: string): T => JSON.parse(readFileSync(shared(path), "utf8")) as T;
const languageOf = (file: string) => file.split(".")[1]!;

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

describe("AFP", () => {
  // the reference has 30 configurations; a count that changes would leave some untested
  test.for(Array.from({ length: 30 }, (_, i) => i))(
    "configuration %i: demonstrations, order, texts",
    async (i, context) => {
      needs(context, `${afp}/cloze.json`);
      const { configurations } = read<{ configurations: Cloze[] }>(`${afp}/cloze.json`);
      expect(configurations).toHaveLength(30);
      const cloze = configurations[i]!;
      const [demonstrations, items] = [languageOf(cloze.demo_file), languageOf(cloze.test_file)];
      const file = (name: string) => readFileSync(shared(`${afp}/${name}`), "utf8");
      const { examples, labels, scoring, findings } = await choiceTasks[cloze.task].examples({
        folder: folderWith({
          [places[cloze.task](demonstrations)[0]]: file(cloze.demo_file),
          [places[cloze.task](items)[1]]: file(cloze.test_file),
        }),
        language: items,
        ...{ prompts: "afp", shots: cloze.num_shots, seed: cloze.seed, promptLanguage: cloze.prompt_language },
        demonstrationLanguage: demonstrations,
        afpForm: cloze.prompt_format ? "paper" : "code",
      });
      expect({ scoring, findings }).toEqual({ scoring: "whole-text", findings: [] });
      expect(labels).toHaveLength(cloze.items[0]!.strings_without_demos.length);
      expect(examples.map(({ label, requests }) => ({ label, requests }))).toEqual(
        cloze.items.map(({ gold, strings_without_demos }) => ({
          label: gold,
          requests: strings_without_demos.map((text) => ({ context: "", continuation: cloze.demos_str + text })),
        })),
      );
      expect(cloze.items.map(({ source_row }) => source_row)).toEqual(
        cloze.evaluation_order_source_rows.slice(0, cloze.items.length),
      );
    },
  );
});

interface Option {
  task: "emotion" | "nli" | "paraphrase";
  lang: string;
  label_language: string;
  prompt: string;
  labels: string[];
  token_sets: number[][];
  gold: number;
}

const tasks = { emotion: "polarity", nli: "snli", paraphrase: "paws" } as const;

describe("question translation", () => {
  test("token sets of labels with the real tokenizer, and with byte tokens", async (context) => {
    needs(context, `${published}/token_sets.json`, "reference/harness/model");
    const sets = read<{
      tiny_tokenizer: { word: string; ids: number[] }[];
      fake_vocab: Record<string, number>;
      fake_first_token_of: Record<string, number>;
      fake: { model_size: string; word: string; ids: number[] }[];
    }>(`${published}/token_sets.json`);
    const tokenizer = await loadTokenizer(shared("reference/harness/model"));
    const words = sets.tiny_tokenizer.map(({ word }) => word);
    expect(await labelTokenIds(tokenizer, words)).toEqual(sets.tiny_tokenizer.map(({ ids }) => ids));
    const fake = new Map(Object.entries(sets.fake_vocab));
    for (const { model_size, word, ids } of sets.fake.filter((row) => !row.model_size.includes("Qwen")))
      expect(labelTokens(word, fake), `${model_size} ${word}`).toEqual(ids);
    // Qwen's rule adds the first token of every prefix
    const spelled = Array.from(
      { length: 64 },
      (_, id) => Object.entries(sets.fake_vocab).find(([, own]) => own === id)?.[0],
    );
    const stub = {
      ...tokenizer,
      vocabularySize: 64,
      tokens: (given: ArrayLike<number>) => Array.from(given, (id) => spelled[id] ?? `unused ${id}`),
      encodeBatch: async (texts: readonly string[]) =>
        texts.map((text) => ({ ids: [sets.fake_first_token_of[text] ?? 0], offsets: [] })),
    };
    for (const { word, ids } of sets.fake.filter((row) => row.model_size.includes("Qwen")))
      expect(await labelTokenIds(stub, [word], { firstTokens: true }), word).toEqual([ids]);
  });

  test("prompts, labels and token sets of the reference's items", async (context) => {
    needs(context, `${published}/option_scoring.json`, "reference/harness/model");
    const tokenizer = await loadTokenizer(shared("reference/harness/model"));
    const { items } = read<{ items: Option[] }>(`${published}/option_scoring.json`);
    expect(items.length).toBeGreaterThan(100);
    for (const { task, lang, label_language, prompt, labels, token_sets } of items) {
      const own = choiceTasks[tasks[task]];
      const labelMode = labels[0] === "ox" ? "task-agnostic" : label_language === "en" ? "english" : "same-language";
      const { labelTokens: set, context: template } = own.prompt({
        ...{ prompts: "question-translation", language: lang, labelMode },
      });
      expect({ task, lang, labels }).toEqual({
        ...{ task, lang },
        // the code compares what follows a common beginning of the Thai words; the reference compares the words
        labels: set!.words.map((word) => (set!.appended ?? "") + word),
      });
      expect(await labelTokenIds(tokenizer, labels)).toEqual(token_sets);
      // the item's scaffold: what a template has around its fields ends the prompt
      const pattern = template
        .split(/\{\w+\}/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("[^\\n]*");
      expect(prompt).toMatch(new RegExp(`(^|\\n)${pattern}$`));
    }
  });
});
