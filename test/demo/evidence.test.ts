import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { evaluationTasks } from "../../demo/data/evaluation.ts";
import { clusters } from "../../demo/evidence/clusters.ts";
import { difference, groups, meanOf } from "../../demo/evidence/compare.ts";
import { headline } from "../../demo/evidence/headline.ts";
import { head, line, packed, type ResultLine, readLines, unpacked } from "../../demo/evidence/rows.ts";
import { filled, tables, tasks } from "../../demo/evidence/tables.ts";
import { type AlignmentRecipe, variants } from "../../demo/evidence/variants.ts";
import { readRecipe } from "../../src/recipe/read.ts";
import { uniform } from "../../src/stats/random.ts";
import { folderWith } from "../folder.ts";

const demo = fileURLToPath(new URL("../../demo", import.meta.url));
const languages = Object.values(groups).flat();

/** Answers that are right with a probability. */
const drawn = (share: number, n: number, ...counters: number[]) =>
  Array.from({ length: n }, (_, i) => uniform(9, ...counters, i) < share);

function run(variant: string, seed: number, share: (language: string) => number, task = "inference"): ResultLine[] {
  return languages.map((language, i) => {
    const answers = drawn(share(language), 60, variant.length, seed, i);
    const value = answers.filter(Boolean).length / 60;
    return { base: 0, variant, seed, task, language, n: 60, value, answers };
  });
}

test("results: a line comes back as it was, one that contradicts itself is refused", () => {
  for (const n of [1, 4, 7, 60]) {
    const answers = drawn(0.6, n, n);
    expect(unpacked(packed(answers), n)).toEqual(answers);
  }
  const [own] = run("AFP", 1, () => 0.5) as [ResultLine];
  const bits: ResultLine = { ...own, task: "bits per byte", value: 0.625, n: 84 };
  delete bits.answers;
  const [first, second] = readLines(head + line(own) + line(bits));
  expect(first).toEqual({ ...own, value: Number(own.value.toFixed(4)) });
  expect(second).toEqual(bits);
  expect(() => readLines(head + line({ ...own, value: own.value + 0.1 }))).toThrow(/line 2: 0\.\d+ of the answers/);
  expect(() => readLines(head + line(own).replace(/.\n/, "\n"))).toThrow(/line 2: expected 15 digits/);
  expect(() => readLines(line(own))).toThrow(/expected the columns base, variant/);
});

test("clusters: a fact, a cause with its effect, else an item by itself", () => {
  for (const { name, items } of evaluationTasks()) expect(clusters.get(name), name).toHaveLength(items.length);
  const sizes = (task: string) => new Set(clusters.get(task)).size;
  expect(sizes("fact")).toBe(56);
  expect(clusters.get("fact-in-english")).toEqual(clusters.get("fact"));
  expect([sizes("cause"), sizes("who")]).toEqual([12, 12]);
  expect(sizes("inference")).toBe(300);
});

test("differences: answers of the same item, language and seed; their clusters widen the interval", () => {
  const lines = [
    ...run("base", 0, () => 0.3),
    ...run("AFP", 0, () => 0.7),
    ...run("AFP", 1, () => 0.7),
    ...run("monolingual", 1, () => 0.7),
  ];
  const which = { task: "inference", languages: groups.aligned, second: "AFP" };
  const own = new Map<string, string[]>();
  const gain = difference(lines, { ...which, first: "base" }, own)!;
  expect(gain.n).toBe(2 * 6 * 60); // the base model beside each seed
  const means = ["base", "AFP"].map((variant) => meanOf(lines, { ...which, variant })!);
  expect(gain.difference).toBeCloseTo(means[1]! - means[0]!, 10);
  expect(gain.low).toBeGreaterThan(0);
  expect(difference(lines, { ...which, first: "monolingual" }, own)!.n).toBe(6 * 60); // seed 1 alone is shared
  expect(difference(lines, { ...which, first: "replay only" }, own)).toBeUndefined();
  const few = new Map([["inference", Array.from({ length: 60 }, (_, i) => String(i % 5))]]);
  const wide = difference(lines, { ...which, first: "base" }, few)!;
  expect(wide.difference).toBe(gain.difference);
  expect(wide.low).not.toBe(gain.low);
});

test("tables: figures of their cells, bold where zero is outside, put in their places", () => {
  const lines = [
    ...run("base", 0, () => 0.3),
    ...run("AFP", 0, (code) => (code === "en" ? 0.3 : 0.9)),
    ...run("shuffled pairs", 0, () => 0.3),
  ];
  const made = tables(lines);
  const which = { task: "inference", languages: groups.aligned };
  const [before, after] = ["base", "AFP"].map((variant) => (100 * meanOf(lines, { ...which, variant })!).toFixed(1));
  expect(made["accuracy in aligned languages"]).toMatch(`| \`inference\` | ${before} | ${after} | `);
  expect(made["margins in aligned languages"]).toMatch(/`inference` \| \*\*\+\d\d\.\d \(\+\d+\.\d to \+\d+\.\d\)\*\*/);
  expect(made["margins in English"]).not.toContain("**");
  const document = "a\n<!-- table: runs -->\nold\n<!-- end -->\nb\n";
  expect(filled(document, made)).toBe(`a\n<!-- table: runs -->\n${made.runs}\n<!-- end -->\nb\n`);
  expect(() => filled(document.replace("runs", "walks"), made)).toThrow(/no table is called walks/);
});

test("the demo's closing tables: before, after, controls, layers", () => {
  const mass = (value: number) =>
    groups.aligned.map((language) => ({ layer: 2, language, metric: "language_mass", token_language: "en", value }));
  const found = (variant: string, value: number): ResultLine[] =>
    languages.map((language) => ({ base: 0, variant, seed: 0, task: "retrieval, layer 2", language, n: 300, value }));
  const lines = [
    ...[...run("base", 0, () => 0.3), ...found("base", 0.02)],
    ...[...run("AFP", 0, () => 0.9), ...found("AFP", 0.8)],
    ...run("monolingual", 0, () => 0.5),
  ];
  const text = headline(lines, [mass(0.4), mass(0.1)]);
  const [mine] = text.match(/inference, aligned .*/) as [string];
  expect(mine).toMatch(/ {2}\d\d\.\d {2,}\d\d\.\d {2,}\+\d\d\.\d \(\+\d\d\.\d to \+\d\d\.\d\) +\d\d\.\d$/);
  expect(text).toMatch(/translations found, aligned, before +2\.0\n.*after +80\.0/);
  expect(text).toMatch(/logit lens, aligned, before +40\.0\n.*after +10\.0/);
});

test.each(variants.map((variant) => [variant.name, variant] as const))("variant %s: a valid recipe", (name, own) => {
  const recipe = parse(readFileSync(`${demo}/${own.recipe}`, "utf8")) as AlignmentRecipe & Record<string, unknown>;
  own.change(recipe);
  const folder = folderWith({ "recipe.yaml": stringify({ ...recipe, evaluate: undefined }) });
  process.env.INTERLINGUA_DATA ??= folder;
  const read = readRecipe(`${folder}/recipe.yaml`);
  const without = ["instruction only", "monolingual", "replay only", "question translation", "shuffled questions"];
  expect(read.train!.objectives.contrastive === undefined).toBe(without.includes(name));
  expect(read.data.parallel === undefined).toBe(without.includes(name));
  // what differs is what the name says: steps, rate and replay are those of the recipe
  const { max_steps, learning_rate, schedule, objectives } = read.train!;
  expect({ max_steps, learning_rate, schedule, text: objectives.text }).toEqual(settingsOf(own.recipe));
});

function settingsOf(file: string) {
  const { max_steps, learning_rate, schedule, objectives } = readRecipe(`${demo}/${file}`).train!;
  return { max_steps, learning_rate, schedule, text: objectives.text };
}

test("docs/demo.md has the tables of demo/results.tsv", () => {
  const lines = readLines(readFileSync(`${demo}/results.tsv`, "utf8"));
  const measured = new Set(lines.map(({ task }) => task));
  for (const task of [...tasks, "bits per byte", "retrieval, layer 2"]) expect(measured).toContain(task);
  const document = readFileSync(new URL("../../docs/demo.md", import.meta.url), "utf8");
  expect(document).toContain("<!-- table: ");
  expect(filled(document, tables(lines))).toBe(document);
});
