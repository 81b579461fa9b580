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

test("the base model knows and compares in English, and does neither in languages that nobody taught it in", () => {
  const folder = folderWith(Object.fromEntries(evaluationFiles()));
  const names = ["fact", "cause", "inference", "paraphrase"];
  const { code, out, err } = interlingua([
    ...["eval", "--model", base, "--tasks", names.map((name) => `${folder}/tasks/${name}.yaml`).join()],
    ...[
      "--languages",
      "en,tr,hi,th",
      "--limit",
      "100",
      "--data",
      folder,
      "--output",
      `${folder}/run`,
      "--threads",
      "1",
      "--json",
    ],
  ]);
  expect(code, err).toBe(0);
  const { results } = JSON.parse(out) as ResultsFile;
  const accuracy = (name: string, spoken: string) =>
    results.find(({ task, language, metric }) => task === `demo-${name}` && language === spoken && metric === "acc")!;
  for (const name of names)
    expect(accuracy(name, "en").value, name).toBeGreaterThan(name === "inference" ? 0.75 : 0.95);
  for (const spoken of ["tr", "hi", "th"])
    for (const name of names) {
      const { value, chance } = accuracy(name, spoken) as { value: number; chance: number };
      expect(Math.abs(value - chance), `${name} ${spoken}`).toBeLessThan(0.15);
    }
});
