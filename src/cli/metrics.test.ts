import { expect, test } from "vitest";
import { interlingua } from "../../test/command.ts";
import { folderWith } from "../../test/folder.ts";
import type { TranslationReport } from "../eval/metrics/evaluate-translations.ts";

const lines = (...text: string[]) => text.map((line) => `${line}\n`).join("");
const files = {
  "hyp.txt": lines("The ferry left at six.", "She bought bread.", "", "Le pain est cher."),
  "ref.txt": lines("The ferry left at six.", "She bought two loaves.", "Nobody knew.", "Bread is dear."),
  "ref2.txt": lines("At six the ferry left.", "She bought bread.", "No one knew.", "Bread costs much."),
  "src.txt": lines("Le ferry est parti à six heures.", "Elle a acheté du pain.", "Personne.", "Le pain est cher."),
  "base.txt": lines("Ferry.", "She buys loaves.", "Nobody knew.", "Bread is."),
  "judge.txt": lines("0.9", "0.8", "0.1", "0.2"),
  "judge-base.txt": lines("0.3", "0.4", "0.8", "0.5"),
};
const given = ["metrics", "--hypotheses", "hyp.txt", "--references", "ref.txt"];

test("one JSON document with sacrebleu's signatures, rates and nothing else on standard output", () => {
  const cwd = folderWith(files);
  const { code, out, err } = interlingua(
    [...given, "--target-language", "eng_Latn", "--sources", "src.txt", "--json"],
    { cwd },
  );
  expect(code, err).toBe(0);
  const report = JSON.parse(out) as TranslationReport;
  expect(report).toMatchObject({ target_language: "en", segments: 4, references: 1, external: [], notes: [] });
  expect(report.metrics.map(({ name, signature }) => `${name}|${signature}`)).toEqual([
    "BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
    "chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0",
    "chrF2++|nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0",
    "TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0",
  ]);
  expect(report.rates.empty.value).toBe(0.25);
  expect(report.rates.copy!.value).toBe(0.25);
  expect(report.rates.off_target_script).toMatchObject({ value: 0, n: 3 });
});

test("several references, a baseline and scores of another program, as tables of at most 100 columns", () => {
  const cwd = folderWith(files);
  const more = ["ref2.txt", "--target-language", "en", "--baseline", "base.txt"];
  const judged = ["--scores", "judge=judge.txt", "--baseline-scores", "judge=judge-base.txt"];
  const { code, out, err } = interlingua([...given, ...more, ...judged], { cwd });
  expect(code, err).toBe(0);
  expect(out).toMatch(/^en: 4 segments, 2 references$/m);
  expect(out).toMatch(/^BLEU +\d+\.\d+ +±\d/m);
  expect(out).toMatch(/^judge +0\.5000 +±[\d.]+ +0\.5000 /m);
  expect(out).toContain("judge is the mean of the scores in judge.txt.");
  expect(out).not.toMatch(/comet/i);
  for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
});

test("segments one by one", () => {
  const { code, out } = interlingua([...given, "--target-language", "en", "--sentence-level"], {
    cwd: folderWith(files),
  });
  expect(code).toBe(0);
  const rows = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
  expect(rows).toHaveLength(4);
  expect(rows[0]!.chrF2).toBe(100);
  expect(rows[0]!.TER).toBe(0);
  expect(rows[2]).toMatchObject({ BLEU: 0, chrF2: 0, TER: 100 });
});

test("a language without words between spaces is counted in characters, and the reader is told", () => {
  const { out, err } = interlingua([...given, "--target-language", "Japanese", "--json"], { cwd: folderWith(files) });
  expect((JSON.parse(out) as TranslationReport).metrics[0]!.signature).toContain("tok:char");
  expect(err).toMatch(/note: BLEU is over characters \(tok:char\), since sacrebleu's ja-mecab needs MeCab/);
});

test.each([
  [["--target-language", "en", "--baseline", "short.txt"], "short.txt: expected 4 lines as in hyp.txt, received 1."],
  [["--target-language", "en", "--tokenize", "flores200"], "needs sacrebleu's SentencePiece model of FLORES-200"],
  [["--target-language", "en", "--tokenize", "moses"], 'Tokenizer "moses" is not known. Here are 13a, zh,'],
  [["--target-language", "Germn"], 'Unknown language "Germn". Nearest: de (German)'],
  [["--target-language", "en", "--sources", "absent.txt"], "absent.txt: there is no such file."],
  [["--target-language", "en", "--scores", "judge=short.txt"], "short.txt:1: expected a number"],
  [["--target-language", "en", "--baseline-scores", "x=judge.txt"], "Add --scores x=FILE."],
  [["--target-language", "en", "--language-samples", "."], "expected a file of en beside other languages"],
])("what is asked wrongly ends with exit code 2: %s", (args, message) => {
  const cwd = folderWith({ ...files, "short.txt": lines("one") });
  const { code, out, err } = interlingua([...given, ...args], { cwd });
  expect(err).toContain(message);
  expect([code, out]).toEqual([2, ""]);
});
