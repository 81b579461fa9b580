import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TranslationReport } from "../src/eval/metrics/evaluate-translations.ts";
import type { Translated } from "../src/recipe/translate.ts";
import { modelKey } from "../src/run/records.ts";
import { integer } from "../src/stats/random.ts";
import { interlingua } from "./command.ts";
import { pretrainFiles } from "./small-study.ts";

const words = ["the", "a", "cat", "dog", "is", "sleeping", "running", "big", "small", "house"];
const lines = (kind: number, rows: number): string[] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: 4 }, (_, w) => words[integer(words.length, 9, kind, i, w)]!).join(" "),
  );
const asFile = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join("");

const sources = ["the cat is sleeping", "", "a big dog is running"];
let home = "";
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "interlingua-"));
  const files = {
    ...pretrainFiles({ steps: 2, save: 2 }),
    "data/flores200/eng_Latn.devtest": asFile(lines(1, 60)),
    "data/flores200/deu_Latn.devtest": asFile(lines(2, 60)),
    "in.txt": asFile(sources),
    "one.txt": asFile(["the small cat", "", "a dog is running"]),
    "two.txt": asFile(["the cat sleeping", "", "the big dog is running"]),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const made = interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: home });
  expect(made, made.err).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => rmSync(home, { recursive: true }));

const common = ["--model", "runs/small/model", "--threads", "1"];
const translate = (more: readonly string[], input = "") =>
  interlingua(["translate", ...common, "--max-new-tokens", "8", ...more], { cwd: home, input });
const json = (more: readonly string[], input = ""): Translated => {
  const done = translate([...more, "--json"], input);
  expect(done.code, done.err).toBe(0);
  return JSON.parse(done.out) as Translated;
};
/** What `generate` makes of prompts of our own spelling, up to the end of its first line. */
const generated = (prompts: readonly string[], ...more: string[]): string[] => {
  const asked = prompts.flatMap((prompt) => ["--prompt", prompt]);
  const done = interlingua(["generate", ...common, "--max-new-tokens", "8", "--stop", "\n", ...asked, ...more], {
    cwd: home,
  });
  expect(done.code, done.err).toBe(0);
  return done.out
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { text: string }).text.trim());
};

const wordings: [template: string, prompt: (text: string) => string][] = [
  ["flores", (text) => `English sentence: ${text}\nGerman sentence:`],
  ["afp", (text) => `${text} Translate into German:`],
  ["afp-equals", (text) => `${text} =`],
  ["question-translation", (text) => `${text}\nTranslate the input from English to German:\n`],
  ["the {target_language} of {source}\\n", (text) => `the German of ${text}\n`],
];

test("lines are translated as generate continues their prompts, in order, empty ones empty", () => {
  for (const [template, prompt] of wordings) {
    const done = translate(["--pairs", "en-de", "--input", "in.txt", "--template", template, "--beams", "3"]);
    expect(done.code, done.err).toBe(0);
    const [first, last] = generated([prompt(sources[0]!), prompt(sources[2]!)], "--beams", "3");
    expect(done.out, template).toBe(asFile([first!, "", last!]));
  }
});

test("FLORES is scored as the verb metrics scores the lines it leaves behind, and is what eval measures", () => {
  const asked = ["--pairs", "eng-deu,deu_Latn-en", "--data", "data", "--shots", "0,1", "--output", "run"];
  const found = json(asked);
  expect(found.translations.map(({ pair, shots }) => `${pair} ${shots}`)).toEqual([
    "en-de 0",
    "en-de 1",
    "de-en 0",
    "de-en 1",
  ]);
  const folder = join(home, "run/translations", modelKey(found.model), "flores-translation");
  const file = (name: string) => join(folder, name);
  expect(readFileSync(file("en-de.0shot.0.interlingua.txt"), "utf8")).toBe(asFile(found.translations[0]!.lines));
  expect(found.translations.every((each) => each.lines.length === (each.shots === 0 ? 60 : 59))).toBe(true);
  const rowOf = (metric: string) =>
    found.results.find((row) => row.language === "en-de" && row.shots === 0 && row.metric === metric);
  const scored = interlingua(
    [
      ...["metrics", "--hypotheses", file("en-de.0shot.0.interlingua.txt"), "--json", "--target-language", "de"],
      ...[
        "--references",
        file("en-de.0shot.0.interlingua.reference.txt"),
        "--sources",
        file("en-de.0shot.0.interlingua.source.txt"),
      ],
    ],
    { cwd: home },
  );
  expect(scored.code, scored.err).toBe(0);
  const report = JSON.parse(scored.out) as TranslationReport;
  const names = { bleu: "BLEU", chrf: "chrF2", "chrf++": "chrF2++", ter: "TER" };
  for (const [metric, name] of Object.entries(names)) {
    const own = report.metrics.find((each) => each.name === name)!;
    expect(rowOf(metric), metric).toMatchObject({ value: own.score, signature: own.signature, n: 60 });
  }
  expect(rowOf("empty")!.value).toBe(report.rates.empty.value);
  expect(rowOf("copy")!.value).toBe(report.rates.copy!.value);
  expect(rowOf("off_target")!.value).toBe(report.rates.off_target_language!.value);
  expect(rowOf("length_ratio")!.value).toBeCloseTo(report.rates.length_ratio, 12);
  // the rows are those of eval, so nothing is generated twice
  const evaluated = interlingua(
    [
      ...["eval", ...common, "--tasks", "flores-translation", "--languages", "en-de", "--shots", "0", "--data", "data"],
      ...["--max-new-tokens", "8", "--output", "other", "--json"],
    ],
    { cwd: home },
  );
  expect(evaluated.code, evaluated.err).toBe(0);
  const same = JSON.parse(evaluated.out) as Translated;
  expect(same.results.find(({ metric }) => metric === "bleu")).toEqual(rowOf("bleu"));
  const rows = (run: string) =>
    readFileSync(join(home, run, "eval", modelKey(found.model), "flores-translation/en-de.0shot.0.jsonl"), "utf8");
  expect(rows("other")).toBe(rows("run"));
});

test("references of one's own lines: several, scored on standard error, lines alone on standard output", () => {
  const asked = ["--pairs", "en-de", "--input", "in.txt", "--references", "one.txt", "two.txt"];
  const done = translate(asked);
  expect(done.code, done.err).toBe(0);
  expect(done.out.split("\n")).toHaveLength(4);
  expect(done.err).toMatch(/^translation-in {2}0-shot/m);
  expect(done.err).toContain("BLEU nrefs:2|case:mixed");
  for (const line of done.err.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  expect(json(asked).results.find(({ metric }) => metric === "chrf")).toMatchObject({ n: 2 });
});

test("sampling depends on the seed alone, and its results have a name of their own", () => {
  const drawn = (seed: number) =>
    json(["--pairs", "en-de", "--input", "-", "--temperature", "1.5", "--seed", String(seed)], asFile(lines(4, 6)));
  const [first, again, other] = [drawn(1), drawn(1), drawn(2)];
  expect(again.translations).toEqual(first.translations);
  expect(other.translations[0]!.lines).not.toEqual(first.translations[0]!.lines);
  expect(first.translations[0]!.prompts).toBe("interlingua temperature 1.5 drawn with seed 1");
});

test("what cannot be translated is refused with what was expected", () => {
  const refusals: [more: string[], message: string][] = [
    [["--pairs", "en", "--data", "data"], "expected pairs such as eng-deu, received en"],
    [["--pairs", "en-qq", "--data", "data"], 'Unknown language "qq"'],
    [["--pairs", "en-de"], "Give --data with FLORES-200 sentences, or lines by --input"],
    [["--pairs", "en-de", "--input", "in.txt", "--template", "polite"], "or a text with {source}, received polite"],
    [["--pairs", "en-de", "--input", "in.txt", "--shots", "2"], "demonstrations come from FLORES-200"],
    [["--pairs", "en-de,de-en", "--input", "in.txt"], "lines are in one language"],
    [["--pairs", "en-de", "--input", "-"], "There is no sentence to translate"],
    [["--pairs", "en-de", "--input", "in.txt", "--references", "data/flores200/eng_Latn.devtest"], "expected 3 lines"],
  ];
  for (const [more, message] of refusals) {
    const done = translate(more);
    expect([done.code, done.err], more.join(" ")).toEqual([2, expect.stringContaining(message)]);
  }
});

test("standard input's lines end at line feeds, not at the separators that JSON may hold", () => {
  const text = "the cat\u2028is sleeping";
  const done = interlingua(["tokenize", "--model", "runs/small/model"], {
    cwd: home,
    input: `${JSON.stringify(text)}\n`,
  });
  expect(done.code, done.err).toBe(0);
  expect(done.out.trim().split("\n")).toHaveLength(1);
  expect(json(["--pairs", "en-de", "--input", "-"], `${text}\na dog\n`).translations[0]!.sources).toEqual([
    text,
    "a dog",
  ]);
});
