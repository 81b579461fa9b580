import { expect, test } from "vitest";
import type { SecondFigures } from "../eval/second-figures.ts";
import type { ResultRow, ResultsFile } from "../run/records.ts";
import { evaluationText } from "./eval-table.ts";

const setting = { shots: 0, seed: 0, prompts: "interlingua", n: 200 };
const row = (task: string, language: string, metric: string, value: number, more: object = {}): ResultRow => ({
  ...{ task, language, metric, value, ...setting },
  ...{ low: Math.max(0, value - 0.07), high: value + 0.07 },
  ...more,
});
const ofLanguage = { prompts: "" };

test("languages in rows; fertility, cut prompts and bits per byte beside the accuracy", () => {
  const results = [
    row("xnli", "en", "acc", 0.5, { chance: 1 / 3, predictions: { a: 70, b: 70, c: 60 } }),
    row("xnli", "en", "acc_norm", 0.45),
    row("xnli", "en", "truncation", 0),
    row("xnli", "sw", "acc", 0.34, { chance: 1 / 3, predictions: { a: 190, b: 10, c: 0 } }),
    row("xnli", "sw", "acc_norm", 0.33),
    row("xnli", "sw", "truncation", 0.125),
    row("xnli", "en", "fertility", 1.3, ofLanguage),
    row("xnli", "sw", "fertility", 2.25, ofLanguage),
    row("flores", "sw", "bits_per_byte", 1.234, ofLanguage),
    row("flores", "th", "bits_per_byte", 0.9, ofLanguage),
  ];
  expect(evaluationText({ results, checks: [] })).toBe(`xnli  0-shot  interlingua prompts
language   acc  95 %       norm   cut  tokens/word  bits/byte    n
en        50.0  43.0–57.0  45.0   0.0         1.30             200
sw        34.0  27.0–41.0  33.0  12.5         2.25      1.234  200  at chance, one label

flores
language  bits/byte  95 %           n
sw            1.234  1.164–1.304  200
th            0.900  0.830–0.970  200
`);
});

test("second figures stand beside the first; where no item is left there is none", () => {
  const second = (figures: SecondFigures): object => figures;
  const rules = ["wrong-script"];
  const interval = { low: 0.4, high: 0.6 };
  const results = [
    row("snli", "en", "acc", 0.5, second({ without: { rules, dropped: 10, n: 190, value: 0.515, ...interval } })),
    row("snli", "no", "acc", 0.3, {
      ...second({ without: { rules, dropped: 200, n: 0 } }),
      ...second({ pivot_labels: { changed: 133, n: 200, value: 0.49, ...interval } }),
    }),
  ];
  expect(evaluationText({ results, checks: [] })).toBe(`snli  0-shot  interlingua prompts
language   acc  95 %       kept  relabelled    n  n kept
en        50.0  43.0–57.0  51.5  –           200     190
no        30.0  23.0–37.0  –     49.0        200       0
kept: without the items of wrong-script.
relabelled: by English labels, which differ on no 133 items.
`);
});

test("what is wider than 100 columns goes on in a second table, whose first column is the same", () => {
  const figure = { low: 0.4, high: 0.6, value: 0.5, n: 190 };
  const more = {
    without: { ...figure, rules: ["wrong-script"], dropped: 10 },
    pivot_labels: { ...figure, changed: 3 },
  };
  const flags = { chance: 0.5, predictions: { a: 199, b: 1 } };
  const names = ["acc", "acc_norm", "acc_bytes", "acc_mutual_info", "truncation"];
  const results = [
    ...names.map((metric) => row("xcopa", "zh", metric, 0.5, { ...more, ...flags })),
    row("xcopa", "zh", "fertility", 1.5, ofLanguage),
    row("flores", "zh", "bits_per_byte", 2.5, ofLanguage),
  ];
  const text = evaluationText({ results, checks: [] });
  for (const line of text.split("\n")) expect([...line].length).toBeLessThanOrEqual(100);
  const heads = text.split("\n").filter((line) => line.startsWith("language"));
  expect(heads.slice(0, 2).flatMap((head) => head.split(/ {2,}/))).toEqual([
    ...["language", "acc", "95 %", "kept", "relabelled", "norm", "bytes", "mutual", "cut", "tokens/word", "bits/byte"],
    ...["n", "language", "n kept"],
  ]);
});

test("checks of one message are said once with their languages, in lines of at most 100 columns", () => {
  const check = (language: string, message: string) => ({ check: "limit", task: "sib200", language, message });
  const long = "The limit of 6 takes items with 1 of the file's 7 labels. Take more items, or all.";
  const checks: ResultsFile["checks"] = [
    ...["en", "de", "sw"].map((language) => ({ ...check(language, long), severity: "warning" })),
    { ...check("th", "Something else."), severity: "warning" },
    { ...check("th", "Nobody need know."), severity: "note" },
  ];
  expect(evaluationText({ results: [], checks })).toBe(`
warning: sib200 en, de, sw: limit: The limit of 6 takes items with 1 of the file's 7 labels. Take
  more items, or all.
warning: sib200 th: limit: Something else.
`);
});

test("scores of translations carry sacrebleu's signatures, once for all languages that share one", () => {
  const bleu = (language: string, tok: string) =>
    row("flores-translation", language, "bleu", 12.345, { signature: `nrefs:1|tok:${tok}`, low: 10, high: 14 });
  const results = [bleu("de-en", "13a"), bleu("de-zh", "zh"), row("flores-translation", "de-en", "chrf", 40)];
  expect(evaluationText({ results, checks: [] })).toContain(`
BLEU nrefs:1|tok:13a (de-en)
BLEU nrefs:1|tok:zh (de-zh)
`);
});
