import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectReport } from "../src/report/collect.ts";
import { writeJson } from "../src/run/atomic.ts";
import { diagnosisPath } from "../src/run/diagnosis.ts";
import { runFolder } from "../src/run/folder.ts";
import { type LensFile, type LensRow, modelKey, type ResultsFile } from "../src/run/records.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

const model = { name: "m", hash: "a".repeat(64), stage: 0 };

/** Retrieval of four languages, of which one falls behind at layers 2 and 3 and one is never found. */
function plantedRows(): LensRow[] {
  const level: Record<string, number[]> = {
    de: [0.2, 0.5, 0.6, 0.6],
    fr: [0.2, 0.5, 0.62, 0.58],
    th: [0.2, 0.48, 0.2, 0.25],
    xx: [0.01, 0.02, 0.02, 0.01],
  };
  return Object.entries(level).flatMap(([code, values]) =>
    values.flatMap((value, layer): LensRow[] =>
      ["retrieval_p1", "mexa"].map((metric) => ({
        ...{ layer, pooling: "mean", pair: `en-${code}`, metric, value, n: 100 },
        ...{ low: value - 0.05, high: value + 0.05, shuffled: 0.01, shuffled_low: 0, shuffled_high: 0.03 },
      })),
    ),
  );
}

test("a diagnosis names the languages that stand apart, at their depth, and ranks them", async () => {
  const folder = runFolder(folderWith());
  const key = modelKey(model);
  writeJson(folder.lens(key, "similarity"), { lens: "similarity", model, rows: plantedRows() } satisfies LensFile);
  const row = (language: string, metric: string, value: number) => ({
    ...{ task: "flores", language, shots: 0, seed: 0, prompts: "", metric, value, n: 100 },
    ...{ low: value * 0.9, high: value * 1.1 },
  });
  const results = [
    ...["en", "de", "fr", "th", "xx"].map((code, i) => row(code, "fertility", 1 + i)),
    ...["en", "de", "fr", "th", "xx"].map((code) => row(code, "bits_per_byte", 2)),
  ];
  writeJson(folder.results(key), { model, results, checks: [] } satisfies ResultsFile);
  const bytes = { en: 100, de: 110, fr: 120, th: 250, xx: 100 };
  writeJson(diagnosisPath(folder), { bytes, missing: ["No task is at hand."], seconds: 1 });

  const report = await collectReport(folder.path);
  const diagnosis = report.diagnosis!;
  const of = (code: string) => diagnosis.languages.find(({ language }) => language === code)!;
  expect(of("th").apart).toEqual([2, 3]);
  expect([of("de").apart, of("fr").apart]).toEqual([[], []]);
  expect([of("th").found, of("xx").found]).toEqual([true, false]);
  expect(diagnosis.languages.map(({ language }) => language)).toEqual(["de", "fr", "th", "xx"]);
  expect(of("th").measures.cost!.value).toBeCloseTo(2.5, 9);
  expect(of("fr").measures.retrieval).toMatchObject({ value: 0.62, layer: 2, rank: 1 });
  // with the place of the level, whatever its script, bits per byte are not ranked again
  expect(of("de").rank).toBeCloseTo((1 + 2 + 2 + 2) / 4, 9);
  expect(report.verdict.title).toContain("Thai and xx stand apart");
  expect(report.verdict.details.join(" ")).toContain("Thai stands apart at layers 2–3 of 3");
  expect(report.cautions[0]).toBe("No task is at hand.");
});

test("diagnose: one command, one report, from a model and parallel sentences", () => {
  const files = studyFiles();
  const english = files["data/flores200/eng_Latn.devtest"]!;
  const folder = folderWith({
    ...pretrainFiles({ steps: 2, save: 2 }),
    ...files,
    // French is English: whatever the model is, it finds the translations
    "data/flores200/fra_Latn.devtest": english,
  });
  const run = (...args: string[]) => interlingua([...args, "--quiet", "--threads", "1"], { cwd: folder });
  expect(run("pretrain", "recipe.yaml").code).toBe(0);
  const shared = ["diagnose", "--model", "runs/small/model", "--draws", "20"];
  const done = run(...shared, "--data", "data", "--items", "8");
  expect(done, done.err).toMatchObject({ code: 0 });
  expect(done.out).toContain("French (fr)");
  const paths = runFolder(join(folder, "runs/diagnose-small"));
  const report = JSON.parse(readFileSync(paths.reportJson, "utf8"));
  const of = (code: string) =>
    report.diagnosis.languages.find(({ language }: { language: string }) => language === code);
  const [first, second] = [of("fr"), of("de")];
  expect(first.measures.retrieval.value).toBe(1);
  expect(first.measures.cost.value).toBeCloseTo(1, 6);
  expect(second.measures.accuracy).toBeDefined();
  expect(report.diagnosis.task).toMatchObject({ name: "xnli", items: 8 });
  const html = readFileSync(paths.reportHtml, "utf8");
  for (const id of ["languages", "depth", "place", "gains", "similarity", "bits"])
    expect(html).toContain(`<section id="${id}"`);
  expect(readFileSync(paths.reportMarkdown, "utf8")).toContain("not forecasts for this model");
  expect(existsSync(join(paths.path, "lens/schema.json"))).toBe(true);
  const key = paths.models("lens").find((name) => name.startsWith("small-"));
  expect(existsSync(paths.lens(key!, "choose"))).toBe(true);

  // a folder that exists is not touched, and goes on where told
  expect(run(...shared, "--data", "data").code).toBe(2);
  expect(run(...shared, "--data", "data", "--items", "8", "--resume").out).toBe(done.out);

  // sentence pairs alone: what is missing is said
  const pairs = ["--parallel", "data/parallel", "--languages", "en,de", "--limit", "20", "--output", "runs/pairs"];
  const alone = run(...shared, ...pairs, "--json");
  expect(alone, alone.err).toMatchObject({ code: 0 });
  expect(JSON.parse(alone.out).missing.join(" ")).toContain("In-context accuracy was not measured");

  // nothing to read
  const nothing = run(...shared, "--output", "runs/none");
  expect(nothing.code).toBe(2);
  expect(nothing.err).toContain("--parallel");
});
