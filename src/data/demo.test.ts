import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { choiceTasks } from "../tasks/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { readParallel } from "./parallel.ts";

const demo = fileURLToPath(new URL("../../demo", import.meta.url));
const languages = ["en", "de", "es", "ru"];

test("the demo's sentences: distinct in every language and complete", () => {
  const { pairs, skipped } = readParallel(`${demo}/sentences.tsv`, languages);
  const rows = pairs.length / 3;
  expect(rows).toBeGreaterThan(300);
  expect(skipped).toBe(0);
  for (const code of languages.slice(1)) {
    const own = pairs.filter((pair) => pair.languages[1] === code);
    expect(new Set(own.map(({ a }) => a)).size).toBe(rows);
    expect(new Set(own.map(({ b }) => b)).size, code).toBe(rows);
  }
});

test("the demo's tasks: parallel and balanced", async () => {
  for (const name of ["xnli", "pawsx"] as const) {
    const task = choiceTasks[name];
    const labels = [];
    for (const language of languages.filter((code) => task.languages.includes(code))) {
      const options = { folder: demo, language, shots: 0, seed: 0, prompts: "interlingua" } as const;
      const { examples, labels: names } = await task.examples(options);
      labels.push(examples.map(({ label }) => label).join(""));
      for (let label = 0; label < names.length; label++)
        expect(
          examples.filter((example) => example.label === label),
          `${name} ${language}`,
        ).toHaveLength(30 / names.length);
    }
    expect(new Set(labels).size, name).toBe(1);
  }
});

test("the demo's tokenizer: XGLM's ids, every text comes back", async () => {
  const { makeTokenizer } = (await import(`${demo}/tokenizer.mjs`)) as {
    makeTokenizer(sentences: string[], size?: number): Record<string, string>;
  };
  const sentences = readFileSync(`${demo}/sentences.tsv`, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((line) => line.split("\t"));
  const tokenizer = await loadTokenizer(folderWith(makeTokenizer(sentences)));
  expect(tokenizer).toMatchObject({
    bosId: 0,
    padId: 1,
    eosId: 2,
    unkId: 3,
    prefixIds: [2],
    suffixIds: [],
    maxLength: 128,
  });
  expect(tokenizer.vocabularySize).toBeLessThan(1300);
  const encoded = await tokenizer.encodeBatch(sentences);
  expect(await tokenizer.decodeBatch(encoded.map(({ ids }) => ids))).toEqual(sentences);
  expect(encoded.some(({ ids }) => ids.includes(3))).toBe(false);
  const tokens = encoded.reduce((sum, { ids }) => sum + ids.length - 1, 0);
  const words = sentences.reduce((sum, sentence) => sum + sentence.split(" ").length, 0);
  expect(tokens / words).toBeLessThan(2);
  expect(makeTokenizer(sentences)).toEqual(makeTokenizer([...sentences].reverse()));
});
