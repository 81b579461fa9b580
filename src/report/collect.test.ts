import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { after, aligned, before, languages, unseen, writeLines, writeSyntheticRun } from "../../test/synthetic-run.ts";
import { readJson, runFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import { type ExampleRow, modelKey, type ResultsFile } from "../run/records.ts";
import { collectReport } from "./collect.ts";
import type { ReportData } from "./data.ts";
import { headlineTable } from "./headline.ts";
import { languageCode } from "./languages.ts";

const scratch = mkdtempSync(join(tmpdir(), "interlingua-report-"));
const path = join(scratch, "run");
let data: ReportData;

beforeAll(async () => {
  writeSyntheticRun(path);
  data = await collectReport(path);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const section = (task: string) => data.tasks.find((entry) => entry.task === task && entry.primary)!;

test("languages stand in groups and under their English names", () => {
  expect(data.languages.map(({ group }) => group)).toEqual([
    "pivot",
    ...aligned.map(() => "aligned"),
    ...unseen.map(() => "unseen"),
  ]);
  expect(data.languages.map(({ code }) => code).sort()).toEqual([...languages].sort());
  expect(data.languages.find(({ code }) => code === "sw")).toEqual({ code: "sw", name: "Swahili", group: "unseen" });
});

test("the comparison of a language counts the answers that changed, matched by id", () => {
  const folder = runFolder(path);
  const rows = (model: typeof before) => readLines<ExampleRow>(folder.examples(modelKey(model), "xnli", "de", 0, 0));
  const now = new Map(rows(after).map((row) => [row.id, row.correct]));
  const gained = rows(before).filter((row) => !row.correct && now.get(row.id)).length;
  const lost = rows(before).filter((row) => row.correct && !now.get(row.id)).length;
  const { comparison } = section("xnli").rows.find(({ language }) => language === "de")!;
  expect(comparison).toMatchObject({ n: 500, gained, lost });
  expect(comparison!.difference).toBeCloseTo((gained - lost) / 500, 12);
  expect(comparison!.low).toBeLessThan(comparison!.difference);
  expect(comparison!.high).toBeGreaterThan(comparison!.difference);
});

test("p-values are adjusted over the languages of a task, never downwards", () => {
  const compared = section("xnli").rows.map((row) => row.comparison!);
  expect(compared).toHaveLength(languages.length);
  for (const { p, adjusted } of compared) expect(adjusted).toBeGreaterThanOrEqual(p);
  const smallest = compared.reduce((best, row) => (row.p < best.p ? row : best));
  expect(smallest.adjusted).toBeCloseTo(Math.min(1, smallest.p * languages.length), 12);
});

test("groups are means over their languages and pool their answers", () => {
  const group = section("xnli").groups.find((row) => row.group === "aligned")!;
  const rows = section("xnli").rows.filter((row) => aligned.includes(row.language));
  expect(group.languages).toBe(6);
  expect(group.comparison!.n).toBe(3000);
  expect(group.after).toBeCloseTo(rows.reduce((sum, row) => sum + row.after!.value, 0) / 6, 12);
  expect(section("xnli").groups.map((row) => row.group)).toEqual(["pivot", "aligned", "unseen", "others"]);
  // PAWS-X has no unseen language here, so "all but English" would repeat "aligned"
  expect(section("pawsx").groups.map((row) => row.group)).toEqual(["pivot", "aligned"]);
});

test("the gap to English is relative to English", () => {
  const gap = data.gaps.find((row) => row.section === section("xnli").id && row.group === "unseen")!;
  const rows = section("xnli").rows.filter((row) => unseen.includes(row.language));
  const mean = rows.reduce((sum, row) => sum + row.after!.value, 0) / rows.length;
  const english = section("xnli").rows.find((row) => row.language === "en")!.after!.value;
  expect(gap.after!.value).toBeCloseTo((english - mean) / english, 12);
  expect(gap.english.after).toBe(english);
});

test("lenses keep every layer, pair and pooling, and the headline quotes the trained layer", () => {
  expect(data.similarity).toMatchObject({
    layers: [0, 1, 2, 3, 4, 5, 6, 7, 8],
    metrics: ["retrieval_p1", "mexa"],
    poolings: ["mean", "last"],
    trained: { layer: 4, pooling: "mean" },
    quoted: { layer: 4, pooling: "mean" },
    n: 300,
  });
  expect(data.similarity!.series).toHaveLength(11 * 2 * 2);
  expect(data.pca!.frames).toHaveLength(9 * 2 * 2);
  expect(data.pca!.frames[0]!.explained).toEqual([expect.any(Number), expect.any(Number)]);
  expect(data.pca!.frames[0]!.points.hi!.x).toHaveLength(40);
});

test("training is summed over all steps, its curves are no longer than 600 points", async () => {
  expect(data.training).toMatchObject({ steps: 300, every: 1 });
  expect(data.training!.curves.map(({ name }) => name)).toEqual([
    "loss",
    "contrastive",
    "instruction",
    "contrastive.accuracy",
    "lr",
    "grad_norm",
  ]);
  const long = join(scratch, "long");
  writeSyntheticRun(long, { steps: 2001, examples: 20, sentences: 8 });
  const { training } = await collectReport(long);
  expect(training).toMatchObject({ steps: 2001, every: 4 });
  expect(training!.step.length).toBeLessThanOrEqual(600);
  for (const { value } of training!.curves) expect(value).toHaveLength(training!.step.length);
  expect(training!.step.at(-1)).toBe(2001);
});

test("the verdict says what rose, what did not, and what it cost", () => {
  expect(data.verdict.title).toMatch(
    /^Retrieval in the six aligned languages rose from 4\.8\s% to 21\.3\s%; XNLI accuracy rose/,
  );
  expect(data.verdict.details.join(" ")).toContain("PAWS-X accuracy in four of the six aligned languages");
  expect(data.verdict.details.join(" ")).toContain("English lost 3.8 points on XNLI");
});

test("a change within its interval is called no measurable change", async () => {
  const folder = join(scratch, "flat");
  writeSyntheticRun(folder, { examples: 40 });
  const { verdict } = await collectReport(folder);
  expect([verdict.title, ...verdict.details].join(" ")).toMatch(
    /PAWS-X accuracy .* did not change measurably \(pooled difference/,
  );
});

test("the terminal's table is aligned and has one line per measure and group", () => {
  const lines = headlineTable(data).trimEnd().split("\n");
  expect(lines).toHaveLength(2 + data.headline.length);
  expect(lines[0]).toMatch(/^measure +languages +before +after +difference +95 % interval +p$/);
  const ends = lines.slice(2).map((line) => line.length);
  expect(new Set(ends).size).toBe(1);
});

test("a run that was only trained, only measured or hardly begun says what is missing", async () => {
  const onlyTrained = join(scratch, "trained");
  writeSyntheticRun(onlyTrained, { examples: 20 });
  for (const part of ["eval", "lens"]) rmSync(join(onlyTrained, part), { recursive: true });
  const trained = await collectReport(onlyTrained);
  expect(trained.training!.steps).toBe(300);
  expect(trained.verdict.title).toBe("Nothing has been measured in this run folder yet.");
  expect(Object.keys(trained.missing)).toEqual(["accuracy", "similarity", "pca", "bits"]);
  expect(headlineTable(trained)).toBe("Nothing was measured in this run folder.\n");

  const onlyBefore = join(scratch, "measured");
  writeSyntheticRun(onlyBefore, { examples: 20 });
  rmSync(join(onlyBefore, "log.jsonl"));
  for (const part of ["eval", "lens"]) rmSync(join(onlyBefore, part, modelKey(after)), { recursive: true });
  const measured = await collectReport(onlyBefore);
  expect(measured.models.after).toBeUndefined();
  expect(measured.verdict.title).toMatch(/^XNLI accuracy is .* in English and .* in eleven other languages\.$/);
  expect(measured.verdict.details.at(-1)).toBe(
    "Only the model before alignment has been measured, so nothing can be compared.",
  );
  expect(measured.missing.training).toMatch(/^No training step/);
  expect(measured.tasks[0]!.rows[0]!.comparison).toBeUndefined();

  const empty = join(scratch, "empty");
  writeSyntheticRun(empty, { examples: 20 });
  for (const part of ["eval", "lens", "log.jsonl", "run.json"]) rmSync(join(empty, part), { recursive: true });
  expect(Object.keys((await collectReport(empty)).missing)).toEqual(
    expect.arrayContaining(["accuracy", "similarity", "pca", "bits", "training", "configuration"]),
  );
  await expect(collectReport(join(scratch, "nowhere"))).rejects.toThrow("no such run folder");
});

test("examples that only one stage answered are left out of the test and mentioned", async () => {
  const torn = join(scratch, "torn");
  const folder = writeSyntheticRun(torn, { examples: 100 });
  const file = folder.examples(modelKey(after), "xnli", "de", 0, 0);
  const kept = readLines<ExampleRow>(file).slice(0, 60);
  writeLines(file, kept);
  rmSync(folder.examples(modelKey(after), "xnli", "fr", 0, 0));
  const report = await collectReport(torn);
  const rows = report.tasks.find(({ task, primary }) => task === "xnli" && primary)!.rows;
  expect(rows.find(({ language }) => language === "de")!.comparison!.n).toBe(60);
  expect(rows.find(({ language }) => language === "fr")!.comparison).toBeUndefined();
  expect(report.cautions.join(" ")).toContain("answered at both stages");
  expect(report.cautions.join(" ")).toContain("no answers to the same examples");
});

test("further seeds are in the tables, and their spread is told", async () => {
  const path = join(scratch, "seeds");
  const folder = writeSyntheticRun(path, { examples: 50, sentences: 8 });
  for (const model of [before, after]) {
    const file = readJson<ResultsFile>(folder.results(modelKey(model)));
    const again = file.results.filter((row) => row.task === "xnli").map((row) => ({ ...row, seed: 1 }));
    for (const { language } of again) {
      const rows = readLines<ExampleRow>(folder.examples(modelKey(model), "xnli", language, 0, 0));
      writeLines(folder.examples(modelKey(model), "xnli", language, 0, 1), rows.slice(model.stage, 49));
    }
    writeFileSync(folder.results(modelKey(model)), JSON.stringify({ ...file, results: [...file.results, ...again] }));
  }
  const report = await collectReport(path);
  const titles = report.tasks
    .filter(({ task, metric }) => task === "xnli" && metric === "acc")
    .map((entry) => [entry.title, entry.primary]);
  expect(titles).toEqual([
    ["XNLI, zero-shot, seed 0", true],
    ["XNLI, zero-shot, seed 1", false],
  ]);
  expect(report.cautions.join(" ")).toContain("over two draws of demonstrations");
});

test("a recipe may spell its languages in any way", () => {
  expect(["German", "deu_Latn", "zh-CN", "sw", "klingon?"].map(languageCode)).toEqual([
    "de",
    "de",
    "zh",
    "sw",
    "klingon?",
  ]);
});
