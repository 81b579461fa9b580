import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { accuracyRows } from "../../src/eval/accuracy.ts";
import { encodeExamples } from "../../src/eval/encode-choices.ts";
import { type ChoiceRow, scoreChoices, scoreOf } from "../../src/eval/multiple-choice.ts";
import { scoreRequests } from "../../src/eval/score.ts";
import { scoreTexts } from "../../src/eval/score-texts.ts";
import { loadModel } from "../../src/models/load.ts";
import type { Model } from "../../src/models/model.ts";
import { loadOwnTask } from "../../src/tasks/own-task.ts";
import type { ChoiceTask } from "../../src/tasks/task.ts";
import { encodePairs } from "../../src/text/encode-pair.ts";
import { loadTokenizer, type Tokenizer } from "../../src/text/tokenizer.ts";
import { folderWith } from "../folder.ts";

const goldens = fileURLToPath(new URL("../goldens", import.meta.url));

/** What lm-evaluation-harness 0.4.13 and transformers say of sentences of our own; scripts/make-evaluation-goldens.py. */
const expected = JSON.parse(readFileSync(join(goldens, "evaluation/scores.golden.json"), "utf8")) as {
  pairs: { context: string; continuation: string; logprob: number; greedy: boolean }[];
  rolling: { text: string; logprob: number }[];
  choices: { rows: object[]; acc: number; acc_norm: number; acc_bytes: number; scores: number[][] };
  whole_text: { text: string; log2: number }[];
  labels: { text: string; label: string; ids: number[]; sum: number }[];
};

let model: Model;
let tokenizer: Tokenizer;
beforeAll(async () => {
  model = await loadModel(join(goldens, "evaluation"), { device: "cpu" });
  tokenizer = await loadTokenizer(join(goldens, "tokenizer"));
});
const scoring = { batchTokens: 1024 };

/** The tolerance of lm-evaluation-harness against itself in other batches. */
const close = (got: number, want: number, what: string) =>
  expect(Math.abs(got - want), what).toBeLessThanOrEqual(1e-4 + 2e-6 * Math.abs(want));

test("log-likelihoods and greedy flags: shared contexts, white space at the boundary, no context, a cut one", async () => {
  const scores = await scoreRequests(model, await encodePairs(tokenizer, expected.pairs), scoring);
  scores.forEach(({ logprob, greedy }, i) => {
    const pair = expected.pairs[i]!;
    close(logprob, pair.logprob, JSON.stringify(pair));
    expect(greedy, JSON.stringify(pair)).toBe(pair.greedy);
  });
  expect(expected.pairs.some(({ greedy }) => greedy)).toBe(true);
});

test("rolling log-likelihoods, of a text longer than the model's window, too", async () => {
  const texts = expected.rolling.map(({ text }) => text);
  const scores = await scoreTexts(model, tokenizer, texts, scoring);
  scores.forEach(({ score }, i) => {
    close(score, expected.rolling[i]!.logprob, texts[i]!);
  });
});

test("a task of one's own: scores and accuracies are those of the same task in lm-evaluation-harness", async () => {
  const { rows, scores, acc, acc_norm, acc_bytes } = expected.choices;
  const folder = folderWith({
    "choose.jsonl": rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    "choose.yaml": `
kind: choice
name: choose
languages: [en]
files: { test: choose.jsonl }
fields: { id: id, question: question, a: a, b: b }
label: label
labels: ["0", "1"]
prompts:
  default: { context: "{question}", choices: ["{a}", "{b}"] }
`,
  });
  const task = loadOwnTask(join(folder, "choose.yaml")) as ChoiceTask;
  const { examples, labels } = await task.examples({
    ...{ folder, language: "en", shots: 0, seed: 0, prompts: "interlingua" },
  });
  const encoding = { prompts: "interlingua", scoring: "continuation" } as const;
  const answers: ChoiceRow[] = await scoreChoices(model, tokenizer, examples, { ...scoring, encoding, setup: "" });
  answers.forEach((answer, i) => {
    answer.scores.forEach((score, c) => {
      close(score, scores[i]![c]!, `${answer.id} ${c}`);
    });
  });
  const place = { task: "choose", language: "en", shots: 0, seed: 0, prompts: "interlingua" };
  const found = accuracyRows(place, answers, labels, ["acc", "acc_norm", "acc_bytes"]);
  expect(found.map(({ value }) => value)).toEqual([acc, acc_norm, acc_bytes]);
});

test("whole texts in bits, as AFP scores them", async () => {
  const examples = expected.whole_text.map(({ text }, i) => ({
    ...{ id: String(i), label: 0, choices: [text] },
    requests: [{ context: "", continuation: text }],
  }));
  const encoding = { prompts: "afp", scoring: "whole-text" } as const;
  const answers = await scoreChoices(model, tokenizer, examples, { ...scoring, encoding, setup: "" });
  answers.forEach(({ scores: [score] }, i) => {
    close(score!, expected.whole_text[i]!.log2, `text ${i}`);
  });
});

test("sums of probabilities over the tokens that begin a label, as question translation scores them", async () => {
  for (const { text, label, ids, sum } of expected.labels) {
    const example = { id: "0", label: 0, choices: [label], requests: [{ context: text, continuation: label }] };
    const encoding = {
      ...({ prompts: "question-translation", scoring: "label-tokens" } as const),
      labelTokens: { words: [label] },
    };
    const [encoded] = await encodeExamples(tokenizer, [example], encoding);
    if (encoded === undefined || encoded instanceof Error) throw new Error(`${label}: not encoded`);
    expect(encoded.choices[0]!.map(({ continuation }) => continuation[0])).toEqual(ids);
    const scores = await scoreRequests(model, encoded.choices[0]!, scoring);
    expect(scoreOf(scores, encoding), label).toBeCloseTo(sum, 6);
  }
});
