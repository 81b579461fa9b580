import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { after, aligned, before, languages, unseen, writeLines, writeSyntheticRun } from "../../test/synthetic-run.ts";
import { readJson, runFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import { type ExampleRow, modelKey, type ResultsFile } from "../run/records.ts";
import { findLanguage } from "../text/languages.ts";
import { collectReport } from "./collect.ts";
import { type CompareOptions, compareRuns } from "./compare.ts";
import { gateText } from "./compare-gate.ts";
import { comparisonText } from "./compare-text.ts";

const options: CompareOptions = { groupBy: "alignment", correction: "holm", describe: findLanguage };

function syntheticRun(settings: Parameters<typeof writeSyntheticRun>[1] = {}) {
  const path = join(folderWith(), "run");
  const folder = writeSyntheticRun(path, { sentences: 8, steps: 2, ...settings });
  return { path, folder, results: [before, after].map((model) => folder.results(modelKey(model))) as [string, string] };
}

test("a run folder alone is before against after, with the report's own numbers", async () => {
  const { path } = syntheticRun();
  const { systems, sections, notes } = compareRuns([path], options);
  expect(systems.map(({ letter, model }) => [letter, model.hash])).toEqual([
    ["A", before.hash],
    ["B", after.hash],
  ]);
  const report = await collectReport(path);
  for (const section of sections.filter(({ metric }) => metric === "acc")) {
    const expected = report.tasks.find(({ task, metric }) => task === section.task && metric === "acc")!;
    for (const { language, changes } of section.rows) {
      const { comparison } = expected.rows.find((row) => row.language === language)!;
      expect(changes, language).toMatchObject([{ ...comparison, paired: true, method: "exact McNemar" }]);
    }
    for (const { label, changes } of section.pooled.filter(({ label }) => !label.startsWith("all"))) {
      const { comparison } = expected.groups.find(({ group }) => group === label)!;
      expect(changes, label).toMatchObject([{ n: comparison!.n, paired: true, method: "clusters of items" }]);
      // the same sums, in the order of other tables
      for (const field of ["difference", "low", "high", "p", "detectable"] as const)
        expect(changes[0]![field], field).toBeCloseTo(comparison![field], 12);
    }
  }
  expect(sections.map(({ title, metric }) => `${title} ${metric}`)).toEqual([
    "XNLI, zero-shot acc",
    "PAWS-X, zero-shot acc",
    "Parallel sentences bits_per_byte",
  ]);
  expect(sections[0]!.rows.map(({ language }) => language)[0]).toBe("en");
  expect(sections[0]!.pooled.map(({ label, languages }) => [label, languages.length])).toEqual([
    [`all ${languages.length}`, languages.length],
    ["aligned", aligned.length],
    ["unseen", unseen.length],
  ]);
  expect(notes.join(" ")).toContain("Unpaired (marked u): Parallel sentences bits_per_byte en");
});

test("the gap to English is that of the accuracies, and its change that of the gaps", () => {
  const [section] = compareRuns([syntheticRun().path], options).sections;
  const [, aligned] = section!.gaps;
  const mean = (system: 0 | 1) => {
    const members = section!.rows.filter(({ language }) => aligned!.languages.includes(language));
    return members.reduce((sum, { values }) => sum + values[system]!.value, 0) / members.length;
  };
  const english = section!.rows[0]!.values.map((value) => value!.value);
  const expected = ([0, 1] as const).map((system) => (english[system]! - mean(system)) / english[system]!);
  aligned!.systems.forEach(({ value, low, high }, system) => {
    expect(value).toBeCloseTo(expected[system]!, 12);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });
  const { change } = aligned!.systems[1]!;
  expect(change!.value).toBeCloseTo(expected[1]! - expected[0]!, 12);
  // both gaps are of the same items, so their change is surer than two gaps apart would be
  const [first, second] = aligned!.systems;
  expect(change!.high - change!.low).toBeLessThan(Math.hypot(first!.high - first!.low, second!.high - second!.low));
});

test("of several systems each is compared with the first, and corrected together", () => {
  const { results } = syntheticRun();
  const other = syntheticRun({ examples: 300 });
  const { sections, systems } = compareRuns([...results, other.path], options);
  expect(systems.map(({ letter }) => letter)).toEqual(["A", "B", "C"]);
  const changes = sections[0]!.rows.flatMap((row) => row.changes);
  expect(changes.map(({ system }) => system).slice(0, 4)).toEqual(["B", "C", "B", "C"]);
  expect(changes.filter(({ system }) => system === "C").every(({ n }) => n === 300)).toBe(true);
  const smallest = changes.reduce((best, change) => (change.p < best.p ? change : best));
  expect(smallest.adjusted).toBeCloseTo(Math.min(1, smallest.p * changes.length), 12);
  const uncorrected = compareRuns([...results, other.path], { ...options, correction: "benjamini-hochberg" });
  const least = uncorrected.sections[0]!.rows.flatMap((row) => row.changes);
  expect(least.some(({ adjusted }, i) => adjusted! < changes[i]!.adjusted!)).toBe(true);
});

test("results alone are compared as independent samples, which the reader is told", () => {
  const { results } = syntheticRun();
  const bare = folderWith({ "a.json": readFileSync(results[0], "utf8"), "b.json": readFileSync(results[1], "utf8") });
  const files = [join(bare, "a.json"), join(bare, "b.json")];
  const paired = compareRuns(results, options).sections[0]!;
  const { sections, notes } = compareRuns(files, options);
  sections[0]!.rows.forEach(({ changes: [change] }, i) => {
    const [known] = paired.rows[i]!.changes;
    expect(change).toMatchObject({ paired: false, method: "unpaired z" });
    expect(change!.difference).toBeCloseTo(known!.difference, 12);
    // what changed cannot be seen, so the interval is wider
    expect(change!.high - change!.low).toBeGreaterThan(known!.high - known!.low);
  });
  expect(sections[0]!.gaps).toEqual([]);
  expect(notes.join(" ")).toContain("taken as independent");
});

test("several seeds are taken together, an item's answers under all of them as one cluster", () => {
  const { path, folder } = syntheticRun({ examples: 120 });
  for (const model of [before, after]) {
    const file = readJson<ResultsFile>(folder.results(modelKey(model)));
    const again = file.results
      .filter((row) => row.task === "xnli" && row.metric === "acc")
      .map((row) => ({ ...row, seed: 1, value: row.value + 0.1 }));
    for (const { language } of again) {
      const rows = readLines<ExampleRow>(folder.examples(modelKey(model), "xnli", language, 0, 0));
      const mended = new Set(rows.filter(({ correct }) => !correct).slice(0, 12));
      writeLines(
        folder.examples(modelKey(model), "xnli", language, 0, 1),
        rows.map((row) => (mended.has(row) ? { ...row, correct: true } : row)),
      );
    }
    writeFileSync(folder.results(modelKey(model)), JSON.stringify({ ...file, results: [...file.results, ...again] }));
  }
  const [xnli, pawsx] = compareRuns([path], options).sections;
  expect([xnli!.seeds, pawsx!.seeds]).toEqual([[0, 1], [0]]);
  const { values, changes } = xnli!.rows[1]!;
  expect(changes[0]).toMatchObject({ n: 240, method: "clusters of items" });
  expect(values[0]!.seed_deviation).toBeCloseTo(0.1 / Math.SQRT2, 12);
  expect(pawsx!.rows[0]!.values[0]).not.toHaveProperty("seed_deviation");
});

test("items that ask the same are one cluster, in one language too, in compare as in the report", async () => {
  const { path, folder } = syntheticRun({ examples: 120 });
  const { rows: before120 } = compareRuns([path], options).sections[0]!;
  for (const model of [before, after])
    for (const { language } of before120) {
      const file = folder.examples(modelKey(model), "xnli", language, 0, 0);
      const rows = readLines<ExampleRow>(file);
      writeLines(
        file,
        rows.map((row, i) => ({ ...row, cluster: `fact ${Math.floor(i / 4)}` })),
      );
    }
  const { rows } = compareRuns([path], options).sections[0]!;
  const { tasks } = await collectReport(path);
  const section = tasks.find(({ task, metric }) => task === "xnli" && metric === "acc")!;
  for (const [i, { language, changes }] of rows.entries()) {
    const [alone] = before120[i]!.changes;
    expect(alone).toMatchObject({ method: "exact McNemar" });
    expect(changes[0]).toMatchObject({ n: 120, method: "clusters of items", difference: alone!.difference });
    const told = section.rows.find((row) => row.language === language)!.comparison!;
    expect([told.low, told.high]).toEqual([changes[0]!.low, changes[0]!.high]);
  }
});

test("items of other data are not paired with their namesakes, single other labels are left out", () => {
  const { results, folder } = syntheticRun({ examples: 100 });
  const relabel = (language: string, every: number) => {
    const file = folder.examples(modelKey(after), "xnli", language, 0, 0);
    const rows = readLines<ExampleRow>(file);
    writeLines(
      file,
      rows.map((row, i) => (i % every === 0 ? { ...row, label: (row.label + 1) % 3 } : row)),
    );
  };
  relabel("de", 50);
  relabel("fr", 2);
  const { sections, notes } = compareRuns(results, options);
  const change = (language: string) => sections[0]!.rows.find((row) => row.language === language)!.changes[0]!;
  expect(change("de")).toMatchObject({ n: 98, paired: true });
  expect(change("fr")).toMatchObject({ n: 100, paired: false });
  expect(notes.join(" ")).toMatch(/^52 of \d+ items that A and B share by their ids have other right answers/);
});

test("items that were asked in other words are mentioned", () => {
  const { results, folder } = syntheticRun({ examples: 50 });
  const file = folder.examples(modelKey(after), "xnli", "de", 0, 0);
  writeLines(
    file,
    readLines<ExampleRow>(file).map((row) => ({ ...row, requests: "other" })),
  );
  expect(compareRuns(results, options).notes.join(" ")).toMatch(
    /^50 of \d+ items that A and B share were not asked alike/,
  );
});

test("answers that are not those behind a figure are not taken for them", () => {
  const { results, folder } = syntheticRun({ examples: 60 });
  const file = folder.examples(modelKey(after), "xnli", "de", 0, 0);
  const rows = readLines<ExampleRow>(file);
  const changeOf = () => {
    const [section] = compareRuns(results, options).sections;
    return section!.rows.find(({ language }) => language === "de")!.changes[0]!;
  };
  expect(changeOf()).toMatchObject({ paired: true });
  // those of a smaller limit, of which the larger run's rows are still in the file
  writeLines(file, [...rows, { ...rows[0]!, id: "another" }]);
  expect(changeOf()).toMatchObject({ paired: false, n: 60 });
  // those of other prompts
  writeLines(file, [{ ...rows[0]!, correct: !rows[0]!.correct }, ...rows.slice(1)]);
  expect(changeOf()).toMatchObject({ paired: false, n: 60 });
});

test("pairs of languages have names; rates that say how far to trust the others are compared on demand, and rise for the worse", () => {
  const row = (metric: string, value: number) => ({
    ...{ task: "flores-translation", language: "de-en", shots: 0, seed: 0, prompts: "interlingua" },
    ...{ metric, value, n: 100, low: value - 0.05, high: value + 0.05 },
  });
  const file = (name: string, off: number, empty: number) =>
    JSON.stringify({
      model: { name, hash: name.repeat(12), stage: 0 },
      results: [row("chrf", 40), row("off_target", off), row("empty", empty), row("length_ratio", 0.9)],
      checks: [],
    });
  const folder = folderWith({ "a.json": file("a", 0.2, 0.4), "b.json": file("b", 0.3, 0.3) });
  const paths = [join(folder, "a.json"), join(folder, "b.json")];
  const asked = { ...options, gate: { points: 5, significant: false } };
  const report = compareRuns(paths, asked);
  expect(report.sections.map(({ metric }) => metric)).toEqual(["chrf", "off_target"]);
  expect(comparisonText(report)).toContain("German → English");
  expect(gateText(report)).toMatch(/^Worse by more than 5 .*:\n .*off target, German → English: B rose by 10\.0/);
  const all = compareRuns(paths, { ...asked, metrics: ["all"] });
  expect(all.sections.map(({ metric }) => metric)).toEqual(["chrf", "off_target", "empty", "length_ratio"]);
  expect(all.gate!.worse.every(({ metric }) => metric === "off_target")).toBe(true);
});

test("groups by script, family and resources; metrics on demand", () => {
  const { path } = syntheticRun({ examples: 60 });
  const labels = (groupBy: CompareOptions["groupBy"]) =>
    compareRuns([path], { ...options, groupBy }).sections[0]!.pooled.map(({ label }) => label);
  expect(labels("script")).toEqual(["all 12", "Latn"]);
  expect(labels("resource")).toEqual(["all 12", "high-resource", "medium-resource"]);
  const metrics = compareRuns([path], { ...options, metrics: ["all"] }).sections.map(({ metric }) => metric);
  expect(metrics).toEqual(["acc", "acc_norm", "acc", "acc_norm", "bits_per_byte"]);
  expect(compareRuns([path], { ...options, metrics: ["acc_norm"] }).sections).toHaveLength(2);
});

test("the gate counts falls beyond the points, and only sure ones where that is asked for", () => {
  const { results } = syntheticRun();
  const gate = (points: number, significant: boolean, paths: readonly string[] = results) =>
    compareRuns(paths, { ...options, gate: { points, significant } }).gate!;
  const english = gate(3, false);
  expect(english.worse.map(({ row, change }) => [row, change.system])).toEqual([["en", "B"]]);
  expect(english.failed).toBe(true);
  expect(gate(4, false)).toMatchObject({ failed: false, worse: [] });
  expect(gate(3, true).failed).toBe(false); // 0.063 after correction
  // the other way round every aligned language falls, and all together
  const back = gate(5, true, [...results].reverse());
  expect(back.worse.map(({ row }) => row)).toEqual(expect.arrayContaining(["de", "zh", "all 12"]));
  // bits per byte have no percentage points
  expect(back.worse.every(({ metric }) => metric === "acc")).toBe(true);
});

test("the terminal's tables stay within 100 columns", () => {
  const { results } = syntheticRun({ examples: 1000, sentences: 8 });
  for (const paths of [results, [...results, results[1]]])
    for (const line of comparisonText(compareRuns(paths, options)).split("\n"))
      if (!line.includes("results.json")) expect([...line].length, line).toBeLessThanOrEqual(100);
});

test("what cannot be compared is said", () => {
  const { path, results, folder } = syntheticRun({ examples: 20 });
  expect(() => compareRuns([join(path, "nowhere")], options)).toThrow("there is no such file or folder");
  expect(() => compareRuns([results[0]], options)).toThrow("has no results before and after an alignment");
  expect(() => compareRuns([dirname(path), results[0]], options)).toThrow("expected a results.json, or a run folder");
  const foreign = folderWith({ "results.json": '{"results": {"xnli": 1}}' });
  expect(() => compareRuns([results[0], foreign], options)).toThrow("expected results of an evaluation");
  expect(() => compareRuns(results, { ...options, metrics: ["bleu"] })).toThrow(
    "no task, language, setting and metric",
  );
  // two models of one stage: which of them is meant?
  const twin = { ...before, hash: "b".repeat(64), name: "twin" };
  cpSync(dirname(results[0]), dirname(folder.results(modelKey(twin))), { recursive: true });
  const file = readJson<ResultsFile>(results[0]);
  writeFileSync(folder.results(modelKey(twin)), JSON.stringify({ ...file, model: twin }));
  rmSync(dirname(results[1]), { recursive: true });
  rmSync(join(path, "lens"), { recursive: true });
  expect(() => compareRuns([path], options)).toThrow("has several models at one stage. Name two of them");
  expect(runFolder(path).models("eval")).toHaveLength(2);
});
