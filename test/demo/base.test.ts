import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { evaluationFiles, tokenizerFiles } from "../../demo/data/make.ts";
import type { ResultsFile } from "../../src/run/records.ts";
import { interlingua } from "../command.ts";
import { folderWith } from "../folder.ts";

const base = fileURLToPath(new URL("../../demo/base", import.meta.url));

test("the base model: its tokenizer is the world's, its weights are small", () => {
  for (const [path, content] of tokenizerFiles())
    expect(JSON.parse(readFileSync(path.replace("tokenizer", base), "utf8")), path).toEqual(JSON.parse(content));
  expect(statSync(`${base}/model.safetensors`).size).toBeLessThan(10e6);
});

test("the base model knows the facts in English, and not in languages that nobody told them in", () => {
  const folder = folderWith(Object.fromEntries(evaluationFiles()));
  const task = (name: string) => `${folder}/tasks/${name}.yaml`;
  const { code, out, err } = interlingua([
    ...["eval", "--model", base, "--tasks", `${task("fact")},${task("fact-shared")},${task("cause")}`],
    ...["--languages", "en,tr,hi,th", "--data", folder, "--output", `${folder}/run`, "--threads", "1", "--json"],
  ]);
  expect(code, err).toBe(0);
  const { results } = JSON.parse(out) as ResultsFile;
  const accuracy = (name: string, spoken: string) =>
    results.find(({ task, language, metric }) => task === `demo-${name}` && language === spoken && metric === "acc")!;
  for (const name of ["fact", "fact-shared", "cause"]) expect(accuracy(name, "en").value, name).toBeGreaterThan(0.95);
  for (const spoken of ["tr", "hi", "th"])
    for (const name of ["fact", "cause"]) {
      const { value, chance } = accuracy(name, spoken) as { value: number; chance: number };
      expect(Math.abs(value - chance), `${name} ${spoken}`).toBeLessThan(0.15);
    }
});
