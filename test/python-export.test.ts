import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exportFolder } from "../src/recipe/export.ts";
import type { CardFacts } from "../src/report/card-data.ts";
import { collectReport } from "../src/report/collect.ts";
import { modelCard } from "../src/report/model-card.ts";
import { loadTokenizer } from "../src/text/tokenizer.ts";
import { folderWith } from "./folder.ts";
import { python, pythonLacks } from "./python.ts";
import { tinyTokenizer } from "./small-study.ts";
import { writeSyntheticRun } from "./synthetic-run.ts";
import { tinyFolder } from "./tiny.ts";

const skipped = pythonLacks("transformers", "huggingface_hub");

/** The golden XGLM with a tokenizer, as a folder that a person would have. */
function personsModel(): string {
  const folder = join(folderWith(), "own-xglm");
  cpSync(tinyFolder, folder, { recursive: true });
  cpSync(tinyTokenizer, folder, { recursive: true });
  writeFileSync(join(folder, "README.md"), "---\nlicense: mit\nlanguage: [en]\n---\n# Mine\n");
  return folder;
}

test("huggingface_hub reads the card of an export, transformers its tokenizer", async (context) => {
  if (skipped !== undefined) return context.skip(skipped);
  const output = join(folderWith(), "exported");
  await exportFolder({ source: personsModel(), output, command: "interlingua export own-xglm", say: () => {} });
  const card = python<Record<string, unknown>>("card.py", join(output, "README.md"));
  expect(card).toMatchObject({ library_name: "transformers", license: "mit", pipeline_tag: "text-generation" });
  expect(card.base_model).toBeUndefined(); // a folder of one's own is not on the hub
  const texts = ["the cat is sleeping", "a big house"];
  const ours = await (await loadTokenizer(output)).encodeBatch(texts);
  expect(python<number[][]>("ids.py", output, ...texts)).toEqual(ours.map(({ ids }) => ids));
});

test("huggingface_hub reads the results on a card, whatever the run is called", async (context) => {
  if (skipped !== undefined) return context.skip(skipped);
  const folder = folderWith();
  const report = await collectReport(writeSyntheticRun(join(folder, "run")).path);
  const facts: CardFacts = {
    name: 'a "name": with\n| <b>everything</b> --- in it',
    base: { name: "facebook/xglm-564M", hub: "facebook/xglm-564M", revision: "0123abc", licence: "mit" },
    family: "xglm",
    encoder: false,
    parameters: 5e8,
    dtype: "bfloat16",
    mergedLayers: 48,
    languages: ["de", "en"],
    command: "interlingua export run --output 'a b'",
    versions: { torch: "2" },
    check: { probes: 6, languages: ["de", "en"], relativeDifference: 1e-7, tolerance: 1e-6, agreement: 1 },
    warnings: ["mind | this"],
    sha256: "0".repeat(64),
  };
  const path = join(folder, "README.md");
  writeFileSync(path, modelCard(facts, report));
  const card = python<{ results: { type: string; language: string; metric: string; value: number }[] }>(
    "card.py",
    path,
  );
  expect(card).toMatchObject({ base_model: "facebook/xglm-564M", license: "mit", language: ["de", "en"] });
  const measured = report.tasks
    .filter(({ primary }) => primary)
    .flatMap(({ task, metric, rows }) =>
      rows.flatMap(({ language, after }) => (after ? [{ type: task, language, metric, value: after.value }] : [])),
    );
  expect(measured.length).toBeGreaterThan(0);
  expect(card.results).toEqual(measured);
  const text = readFileSync(path, "utf8");
  expect(text).toContain('\n# a "name": with \\| &lt;b&gt;everything&lt;/b&gt; --- in it\n');
  expect(text).not.toContain(fileURLToPath(new URL("..", import.meta.url)));
});
