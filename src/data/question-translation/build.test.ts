import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interlingua } from "../../../test/command.ts";
import { folderWith } from "../../../test/folder.ts";
import { buildQuestions, type QuestionBuildOptions, releasedName, releasedText } from "./build.ts";
import { readQuestions } from "./questions.ts";
import { taskQuestions } from "./task-questions.ts";
import { readReleasedPrompt, releasedTemplate, translationPrompt } from "./template.ts";

const names: Record<string, string> = { de: "German", sw: "Swahili", tr: "Turkish" };

/** Rows as released: question i of a language, translated into English. */
const released = (code: string, questions: readonly number[]): string =>
  JSON.stringify(
    questions.map((i) => ({
      input: `${code} ${i}?\nTranslate the input from ${names[code]} to English:\n`,
      answer: `en ${i}?`,
    })),
  );

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

function built(folder: string, codes: string[], target = "en", options: Partial<QuestionBuildOptions> = {}) {
  const defaults = { codes, target, template: releasedTemplate, validation: 0, seed: 0, parity: false };
  return buildQuestions(readQuestions(folder, codes, target), { ...defaults, ...options });
}

describe("templates", () => {
  test("the sentence after the text, before it, or not at all", () => {
    const prompt = (place: "after" | "before" | "none") =>
      translationPrompt("Hm?", "tr", "en", { ...releasedTemplate, place });
    expect(prompt("after")).toBe("Hm?\nTranslate the input from Turkish to English:\n");
    expect(prompt("before")).toBe("Translate the input from Turkish to English:\nHm?\n");
    expect(prompt("none")).toBe("Hm?\n");
    const own = { sentence: "{source} > {target}, {source}!", place: "after" } as const;
    expect(translationPrompt("Hm?", "tr", "de", own)).toBe("Hm?\nTurkish > German, Turkish!\n");
  });

  test("a released prompt is read back; the last line counts", () => {
    const text = "Hm?\nTranslate the input from X to Y:\nEnd";
    expect(readReleasedPrompt(translationPrompt(text, "sw", "zh", releasedTemplate))).toEqual({
      text,
      source: "sw",
      target: "zh",
    });
    expect(readReleasedPrompt("Translate this.")).toBeUndefined();
    expect(readReleasedPrompt("a\nTranslate the input from Klingon to English:\n")).toBeUndefined();
  });

  test.each([
    ["snli", ["de"], "en", 10_000, "snli_de10k_train_question.json"],
    ["emotion", ["zh"], "en", 10_000, "emotion_zh10k_question.json"],
    ["paws", ["sw", "hi"], "en", 10_000, "paws_swhi10k_question.json"],
    ["emotion", ["en", "ja"], "zh", 10_000, "emotion_en2zhja2zh10k_question.json"],
    ["own", ["de"], "en", 1234, "own_de1234_train_question.json"],
  ])("released name of %s %j to %s", (name, codes, target, rows, expected) => {
    expect(releasedName(name, codes, target, rows)).toBe(expected);
  });

  test("the released layout: an indent of four, no end of line, nothing escaped that need not be", () => {
    expect(releasedText([{ input: 'ß"\n', answer: "\u2028" }])).toBe(
      '[\n    {\n        "input": "ß\\"\\n",\n        "answer": "\u2028"\n    }\n]',
    );
  });
});

describe("rows", () => {
  test("one source language with parity: as it stands; clean: mixed, once each, counted", () => {
    const folder = folderWith({ "de.json": released("de", [3, 1, 1, 2]) });
    const answers = (parity: boolean) => built(folder, ["de"], "en", { parity }).train.map(({ answer }) => answer);
    expect(answers(true)).toEqual(["en 3?", "en 1?", "en 1?", "en 2?"]);
    expect(answers(false).sort()).toEqual(["en 1?", "en 2?", "en 3?"]);
    expect(built(folder, ["de"]).leftOut).toEqual([{ language: "de-en", reason: "a repeated question", count: 1 }]);
  });

  test("a mix: all of each language, no more than the limit, in an order of the seed", () => {
    const folder = folderWith({
      "snli_de.json": released("de", count(50)),
      "snli_sw.json": released("sw", count(60).reverse()),
    });
    const one = built(folder, ["de", "sw"], "en", { limit: 40 });
    expect(one.rows).toEqual({ de: 40, sw: 40 });
    expect(one.train.filter(({ input }) => input.startsWith("sw"))).toHaveLength(40);
    const switches = one.train.filter(
      ({ input }, i) => i > 0 && input.slice(0, 2) !== one.train[i - 1]!.input.slice(0, 2),
    );
    expect(switches.length).toBeGreaterThan(20);
    expect(built(folder, ["de", "sw"], "en", { limit: 40 })).toEqual(one);
    expect(built(folder, ["de", "sw"], "en", { limit: 40, seed: 1 }).train).not.toEqual(one.train);
    expect(one.train).toContainEqual({
      input: "de 7?\nTranslate the input from German to English:\n",
      answer: "en 7?",
    });
  });

  test("a held-out question is held out in every language", () => {
    const folder = folderWith({ "de.json": released("de", count(100)), "sw.json": released("sw", count(100)) });
    const { train, validation } = built(folder, ["de", "sw"], "en", { validation: 0.1 });
    expect([train.length, validation.length]).toEqual([180, 20]);
    const held = new Set(validation.map(({ answer }) => answer));
    expect(held.size).toBe(10);
    expect(train.some(({ answer }) => held.has(answer))).toBe(false);
    expect(built(folder, ["de"], "en", { validation: 0.1, parity: true }).validation).toEqual([]);
  });

  test("any target: files are joined by the English question, the second of two equal ones by the second", () => {
    const folder = folderWith({ "de.json": released("de", [1, 2, 2, 5]), "sw.json": released("sw", [4, 2, 1, 2]) });
    const rows = (codes: string[], target: string) =>
      built(folder, codes, target, { parity: true }).train.map(
        ({ input, answer }) => `${input.split("\n")[0]} ${answer}`,
      );
    expect(rows(["de"], "sw")).toEqual(["de 1? sw 1?", "de 2? sw 2?", "de 2? sw 2?"]);
    expect(rows(["en"], "de")).toEqual(["en 1? de 1?", "en 2? de 2?", "en 2? de 2?", "en 5? de 5?"]);
    expect(built(folder, ["sw", "en"], "de").train).toContainEqual({
      input: "sw 1?\nTranslate the input from Swahili to German:\n",
      answer: "de 1?",
    });
  });

  test("rows of another layout among the released ones are counted", () => {
    const rows = JSON.parse(released("de", [1, 2])) as object[];
    const folder = folderWith({
      "de.json": JSON.stringify([
        ...rows,
        { input: "x" },
        { input: "y\nTranslate the input from German to English:\n" },
      ]),
    });
    expect(built(folder, ["de"]).leftOut).toEqual([
      { language: "all", reason: "a row without the released instruction, or without answer", count: 2 },
    ]);
  });

  test("line-aligned files, a folder per pair", () => {
    const folder = folderWith({
      ...{ "de-en/train.de": "Eins?\nZwei?\nJa\n", "de-en/train.en": "One?\nTwo?\nJa\n" },
      ...{ "sw-en/train.sw": "Moja?\n", "sw-en/train.en": "One?\n" },
    });
    const { rows, leftOut, sources } = built(folder, ["de", "sw"]);
    expect(rows).toEqual({ de: 2, sw: 1 });
    expect(leftOut).toEqual([{ language: "de-en", reason: "an empty side, or the same text twice", count: 1 }]);
    expect(sources).toHaveLength(4);
  });

  test.each([
    [
      "a language that is not there",
      { "de.json": released("de", [1]) },
      ["sw"],
      "en",
      /no questions in sw with their translation into en/,
    ],
    [
      "a target that is not there",
      { "de.json": released("de", [1]) },
      ["de"],
      "sw",
      /Expected the released JSON of those languages and of sw/,
    ],
    ["nothing left", { "a.jsonl": '{"de":"a","en":"b"}' }, ["de"], "en", /every question was left out/],
  ] as const)("refuses %s", (_, files, codes, target, message) => {
    const folder = folderWith(files);
    const limit = message.source.startsWith("every") ? 0 : undefined;
    expect(() => built(folder, [...codes], target, { limit })).toThrow(message);
  });
});

describe("questions of tasks", () => {
  const tsv = (code: string, order: number[]) =>
    `id\tsentence1\tsentence2\tlabel\n${order.map((i) => `${i}\t${code} a${i}\t${code} b${i}\t1`).join("\n")}\n`;
  const options = { split: "dev", codes: ["de"], target: "en", scaffold: "released" } as const;

  test("joined by id, with the words of the paper's own task of the same fields; items without translation are counted", async () => {
    const folder = folderWith({
      "pawsx/en/dev_2k.tsv": tsv("en", [1, 2, 3]),
      "pawsx/de/dev_2k.tsv": `${tsv("de", [3, 1, 4])}5\tNS\tNS\t0\n`,
    });
    const { bySource, leftOut, sources } = await taskQuestions("pawsx", { ...options, folder });
    expect(bySource.get("de")).toEqual([
      {
        text: 'Satz 1: de a3\nSatz 2: de b3\nAntwort: "',
        translation: 'Sentence 1: en a3\nSentence 2: en b3\nAnswer: "',
      },
      {
        text: 'Satz 1: de a1\nSatz 2: de b1\nAntwort: "',
        translation: 'Sentence 1: en a1\nSentence 2: en b1\nAnswer: "',
      },
    ]);
    expect(leftOut).toEqual([
      { language: "de", reason: "no translation", count: 1 },
      { language: "de-en", reason: "no item with the same id", count: 1 },
    ]);
    expect(sources.map(({ rows }) => rows)).toEqual([3, 4]);
    const plain = await taskQuestions("pawsx", { ...options, folder, scaffold: "none" });
    expect(plain.bySource.get("de")![0]).toEqual({ text: "de a3\nde b3", translation: "en a3\nen b3" });
  });

  test("the question alone where an item has more, and where a language has no released words", async () => {
    const folder = folderWith({
      ...{ "mgsm/mgsm_en.tsv": "How many?\t3\n", "mgsm/mgsm_te.tsv": "ఎన్ని?\t3\n" },
      ...{ "xnli/dev-en.tsv": "p\th\tneutral\n", "xnli/dev-tr.tsv": "ö\tv\tneutral\n" },
    });
    const read = async (task: string, code: string, split: "dev" | "test") =>
      (await taskQuestions(task, { ...options, folder, codes: [code], split })).bySource.get(code);
    expect(await read("mgsm", "te", "test")).toEqual([{ text: "ఎన్ని?", translation: "How many?" }]);
    expect(await read("xnli", "tr", "dev")).toEqual([{ text: "ö\nv", translation: "p\nh" }]);
  });

  test("refuses what is no parallel task and a split that is not there", async () => {
    const folder = folderWith();
    await expect(taskQuestions("xwinograd", { ...options, folder })).rejects.toThrow(
      /no such task with parallel questions\. There are .*xnli/,
    );
    await expect(taskQuestions("xnli", { ...options, folder })).rejects.toThrow(/no dev file of xnli in en/);
  });
});

describe("the command", () => {
  const run = (...args: string[]) => interlingua(["data", "build", "question-translation", ...args]);

  test("splits in folders of their own, an account beside them, the same as JSON", () => {
    const folder = folderWith({ "q/de.json": released("de", count(40)) });
    const output = join(folder, "out");
    const { code, out, err } = run("--questions", join(folder, "q"), "--sources", "de", "--output", output, "--json");
    expect(code, err).toBe(0);
    const summary = JSON.parse(out) as { files: object[]; left_out: object[]; questions: object };
    expect(summary).toMatchObject({
      files: [
        { name: "train/questions.de-en.jsonl", rows: 38 },
        { name: "validation/questions.de-en.jsonl", rows: 2 },
      ],
      questions: { de: 40 },
      left_out: [],
    });
    expect(readFileSync(join(output, "train/questions.de-en.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(38);
    expect(readFileSync(join(output, "question-translation.md"), "utf8")).toContain(
      "| train/questions.de-en.jsonl | 38 |",
    );
  });

  test.each([
    [["--sources", "de"], "Give either --questions PATH, or --task NAME"],
    [["--sources", "de", "--task", "xnli"], "--task: it needs --data"],
    [["--sources", "en", "--questions", "x"], "expected different languages other than the target en, got en"],
    [["--sources", "de", "--questions", "x", "--validation", "1"], "from 0 to below 1"],
  ])("usage: %j", (args, message) => {
    const output = join(folderWith(), "out");
    const { code, err } = run(...args, "--output", output);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
