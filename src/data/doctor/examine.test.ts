import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interlingua } from "../../../test/command.ts";
import { folderWith } from "../../../test/folder.ts";
import { needs, shared } from "../../../test/material.ts";
import { detect } from "./detect.ts";
import { evaluatedTexts, examine } from "./examine.ts";

/** "check file language count" of every finding, and the places of its examples. */
function findings(folder: string, paths: readonly string[] = [folder], against: readonly string[] = []): string[] {
  const short = (path: string) => path.replaceAll(`${folder}/`, "");
  return examine(paths, evaluatedTexts(against)).findings.map(({ check, file, language, count, examples }) =>
    [
      check,
      short(file),
      language,
      count,
      ...examples.map(({ place }) =>
        short(place)
          .slice(short(file).length + 1)
          .trim(),
      ),
    ]
      .join(" ")
      .trim(),
  );
}

const of = (files: Record<string, string>, ...paths: string[]): string[] => {
  const folder = folderWith(files);
  return findings(folder, paths.length > 0 ? paths.map((path) => join(folder, path)) : [folder]);
};

const long = (i: number) => `This sentence has the number ${i} in it.`;
const lang = (i: number) => `Dieser Satz enthält die Zahl ${i} in sich.`;
const lines = (n: number, text: (i: number) => string) => Array.from({ length: n }, (_, i) => `${text(i)}\n`).join("");
const json = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

describe("rows", () => {
  test.each<[string, string, string[]]>([
    ["nothing", "One.\tEins.\nTwo.\tZwei.\n", []],
    ["empty sides", "One.\tEins.\n\tZwei.\nThree.\t \n", ["empty en-de.tsv en-de 2 2 3"]],
    ["a missing column", "One.\tEins.\nTwo.\nThree.\tDrei.\n", ["broken en-de.tsv en-de 1 2"]],
    ["the same row, but for spaces", "One two.\tEins.\nOne  two.\tEins. \n", ["duplicate en-de.tsv en-de 1 2"]],
    ["case and punctuation", "One!\tEins.\none?\teins\n", ["near-duplicate en-de.tsv en-de 1 2"]],
    ["two translations", "One.\tEins.\nOne.\tEine.\nTwo.\tEine.\n", ["repeated-side en-de.tsv en-de 2 2 3"]],
    ["copies, which numbers are not", "One.\tOne.\n15\t15\n", ["identical en-de.tsv en-de 1 1"]],
    ["controls and replacements", "O\u0007ne.\tEins.\nTwo.\tZw\ufffdi.\n", ["control-character en-de.tsv en-de 2 1 2"]],
    ["mojibake", "One.\tÃ¼ber.\nTwo.\tâ€œZweiâ€.\n", ["mojibake en-de.tsv en-de 2 1 2"]],
    ["placeholders", "One.\tNS\nTwo.\tnull\nA null.\tNS-Zeit.\n", ["placeholder en-de.tsv en-de 2 1 2"]],
    ["markup", "R&amp;D <b>x</b>\tF&E <3\nA < b > c; & d.\tAE &c;\n", ["markup en-de.tsv en-de 1 1"]],
  ])("%s", (_, tsv, expected) => {
    expect(of({ "en-de.tsv": tsv })).toEqual(expected);
  });

  test("the wrong script, in one side or with the sides swapped", () => {
    const tsv = "One two three.\tРаз два три.\nЧетыре пять.\tFour five.\nSix seven.\tShest sem vosem.\n";
    expect(of({ "en-ru.tsv": tsv })).toEqual([
      "wrong-script en-ru.tsv en 1 2",
      "wrong-script en-ru.tsv ru 2 2 3",
      "swapped en-ru.tsv en-ru 1 2",
    ]);
  });

  test("a side that is three times as long as usual; short texts and small files have no usual", () => {
    const pairs = (n: number) => lines(n, (i) => `${long(i)}\t${lang(i)}`);
    const odd = `${long(99)}\tJa.\nNo.\tAuf gar keinen Fall!\nA b c d e f.\tDa.\n`;
    expect(of({ "en-de.tsv": pairs(30) + odd })).toEqual(["length-ratio en-de.tsv en-de 2 31 32"]);
    expect(of({ "en-de.tsv": pairs(5) + odd })).toEqual([]);
  });
});

describe("files", () => {
  test("line ends, byte order marks, characters that end lines elsewhere", () => {
    expect(
      of({ "a.txt": "One.\r\nTwo.\n", "b.txt": "One two\rthree.\r\n", "c.txt": "\ufeffOne\u2028two three.\n" }),
    ).toEqual([
      "mixed-line-ends a.txt  0",
      "lone-return b.txt  0",
      "line-separators c.txt  0",
      "byte-order-mark c.txt  0",
    ]);
  });

  test("what cannot be read is a finding, and the rest is read", () => {
    const folder = folderWith({
      ...{
        "a.jsonl": '{"prompt":"a b","answer":"c"}\n{oops\n[1]\n{"prompt":"a b"}\n',
        "b.json": '[{"text":"x"}',
        "empty.txt": "\n",
      },
    });
    writeFileSync(join(folder, "latin.txt"), Buffer.from([0x66, 0xfc, 0x72]));
    expect(findings(folder)).toEqual([
      "broken a.jsonl  2 2 3",
      "empty a.jsonl  1 4",
      "broken b.json  1",
      "empty-file empty.txt  0",
      "encoding latin.txt  0",
    ]);
    expect(() => examine([join(folder, "nowhere")])).toThrow(/nowhere: there is no such file/);
    expect(() => examine([folderWith()])).toThrow(/no file that could be training data/);
  });

  test("line-aligned files: another number of lines, and the checks of pairs", () => {
    const files = { "t/x.en": "One two.\nThree.\n", "t/x.de": "Eins zwei.\nThree.\n", "t/x.fr": "Un.\n" };
    expect(of(files)).toEqual(["identical t/x.de en-de 1 2", "unaligned t/x.fr fr 0"]);
  });

  test("overlap: rows of one text by it, pairs as pairs, sides of line-aligned files not with one another", () => {
    const train = { "a/train.en": lines(3, long), "a/train.de": lines(3, lang) };
    const other = { "b/train.en": lines(3, long), "b/train.fr": lines(3, (i) => `Phrase numéro ${i}, elle est là.`) };
    expect(of({ ...train, ...other })).toEqual([]);
    const dev = { "c/dev.en": lines(1, long), "c/dev.de": lines(1, lang), "c/only.en": `${long(2).toUpperCase()}\n` };
    expect(of({ ...train, ...dev })).toEqual(["overlap c/only.en en 1 1", "overlap c/dev.de de 1 1"]);
    const tsv = `${long(1)}\t${lang(1)}\n`;
    expect(
      of({ "en-de.tsv": tsv, "x/eng-deu.tsv": `${tsv}Other one.\tAnderes.\n`, "en-fr.tsv": `${long(1)}\tUn.\n` }),
    ).toEqual(["overlap x/eng-deu.tsv en-de 1 1"]);
  });

  test("against evaluation data: any text of it, whatever its case", () => {
    const folder = folderWith({
      "train/en-de.tsv": `${long(1).toLowerCase()}\tEins.\n`,
      "test/en.txt": `${long(0)}\n${long(1)}\n`,
    });
    expect(findings(folder, [join(folder, "train")], [join(folder, "test")])).toEqual([
      "train-eval-overlap test/en.txt en 1 2",
    ]);
  });
});

describe("layouts", () => {
  test("AFP rows: an answer that is empty, a length that is none", () => {
    const row = { sent0: "One.", sent1: "Eins.", clm_text: "Q: A", clm_prompt_len: 3 };
    const rows = [row, { ...row, sent1: "Zwei.", clm_prompt_len: 4 }, { ...row, sent0: "Two.", clm_prompt_len: 9 }];
    expect(of({ "AFP.en_de.X0.5.R1.json": json(rows) })).toEqual([
      "broken AFP.en_de.X0.5.R1.json en 1 3",
      "empty AFP.en_de.X0.5.R1.json en 1 2",
      "repeated-side AFP.en_de.X0.5.R1.json en-de 2 2 3",
    ]);
  });

  test("question translation: scripts of the languages that the instruction names", () => {
    const row = (text: string, from: string) => ({
      input: `${text}\nTranslate the input from ${from} to English:\n`,
      answer: "What?",
    });
    const rows = [row("Что это такое?", "Russian"), row("Hvad er det?", "Russian"), { input: "x" }];
    expect(of({ "snli_ru10k.json": JSON.stringify(rows.slice(0, 2)) })).toEqual([
      "wrong-script snli_ru10k.json ru 1 record 1",
      "repeated-side snli_ru10k.json ru-en 1 record 1",
    ]);
  });

  test("Bactrian-X: ids that one language lacks, instructions that are the same in both", () => {
    const item = (id: number, instruction: string) => ({
      id: `own-${id}`,
      instruction,
      input: null,
      output: `${instruction} Yes`,
    });
    expect(
      of({
        "en.json": JSON.stringify([item(1, "Count."), item(2, "Sing."), item(3, "Go.")]),
        "de.json": JSON.stringify([item(2, "Sing."), item(1, "Zähle."), item(4, "Sieh.")]),
      }),
    ).toEqual([
      "absent-id en.json en 1 record 2",
      "absent-id de.json de 1 record 2",
      "identical de.json en-de 1 record 0",
      "overlap en.json en 1 record 1",
    ]);
  });

  test("fields and columns that are no text are not checked as text; records that lack them are told", () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      premise: long(i),
      answer: i % 2 ? "yes" : "no",
      idx: String(i),
    }));
    const { answer: _, ...unlabelled } = { ...rows[0]!, premise: long(77) };
    expect(of({ "x.json": JSON.stringify([...rows, unlabelled]) })).toEqual(["missing x.json  1 record 40"]);
    const table = `id\tsentence\tlabel\n${lines(40, (i) => `${i}\t${long(i)}\tyes`)}`;
    expect(of({ "de/dev.tsv": table })).toEqual([]);
    const { files } = examine([folderWith({ "de/dev.tsv": table })]);
    expect(files[0]).toMatchObject({
      layout: "TSV of 3 columns: (id), sentence, (label)",
      language: "de",
      rows: 40,
      kind: "table",
    });
  });

  test.each<[string, Record<string, string>, object]>([
    [
      "TSVs",
      { "deu-eng.tsv": "Eins.\tOne.\n", "eng-fra.tsv": "One.\tUn.\n" },
      { kind: "parallel", languages: ["en", "de", "fr"] },
    ],
    ["line-aligned files", { "x.de": "Eins.\n", "x.en": "One.\n" }, { kind: "parallel", languages: ["en", "de"] }],
    ["text", { "de.txt": "Eins.\n", "x.jsonl": '{"text":"a b"}' }, { kind: "text" }],
    ["instructions", { "x.jsonl": '{"prompt":"a","completion":"b"}' }, { kind: "instructions" }],
    ["AFP", { "x.json": '{"sent0":"a","sent1":"b"}' }, { kind: "afp" }],
  ])("detects %s", (_, files, expected) => expect(detect(folderWith(files))).toMatchObject(expected));

  test("does not guess", () => {
    expect(() => detect(folderWith({ "x.jsonl": '{"prompt":"a","answer":"b"}', "de.txt": "Eins.\n" }))).toThrow(
      /expected one kind of training data, found .*de\.txt \(a text per line\), .*x\.jsonl .* Say --as/,
    );
  });
});

describe("the shared data", () => {
  test("what is known of PAWS-X, SIB-200 and XNLI", async (context) => {
    needs(context, "data/pawsx", "data/sib200", "data/flores200", "data/xnli");
    const counted = (check: string, ...paths: string[]) =>
      examine(paths.map((path) => shared(`data/${path}`))).findings.flatMap((found) =>
        found.check === check ? [found.count] : [],
      );
    // rows of the literal text NS: de, es, fr, ja, zh of the development files
    expect(["de", "es", "fr", "ja", "zh"].flatMap((code) => counted("placeholder", `pawsx/${code}`))).toEqual([
      68, 38, 8, 20, 16,
    ]);
    // SIB-200 shares 494 sentences with FLORES devtest
    const shared200 = counted("overlap", "sib200/eng_Latn", "flores200/eng_Latn.devtest");
    expect(shared200.reduce((sum, count) => sum + count, 0)).toBe(494);
    // 73 hypotheses and 132 premises are romanised, one row has both
    expect(counted("wrong-script", "xnli/dev-hi.tsv")).toEqual([204]);
  });
});

describe("the commands", () => {
  const files = { "train/en-de.tsv": `One.\tOne.\n${long(3)}\t${lang(3)}\n`, "test/en.txt": `${long(3)}\n` };

  test("a table, JSON, and the exit code only where it is asked for", () => {
    const folder = folderWith(files);
    const run = (...args: string[]) => interlingua(["data", "doctor", "train", ...args], { cwd: folder });
    const table = run();
    expect(table).toMatchObject({ code: 0, err: "" });
    expect(table.out).toMatch(/warning +identical +en-de\.tsv +en-de +1 +50\.0 % +1: "One\. \| One\."/);
    expect(table.out).toContain("identical: Source and target are the same text.\n");
    const found = JSON.parse(run("--against", "test", "--json").out) as { files: object[]; findings: object[] };
    expect(found.files).toEqual([
      { path: "train/en-de.tsv", kind: "pairs", layout: "TSV of 2 columns: en, de", language: "en-de", rows: 2 },
    ]);
    expect(found.findings).toMatchObject([
      {
        check: "identical",
        severity: "warning",
        count: 1,
        examples: [{ place: "train/en-de.tsv:1", text: "One. | One." }],
      },
      { check: "train-eval-overlap", severity: "error", file: "test/en.txt", count: 1 },
    ]);
    expect(run("--strict").code).toBe(1);
    expect(run("--against", "train")).toMatchObject({ code: 2 });
    expect(interlingua(["data", "doctor"]).code).toBe(2);
    expect(interlingua(["data", "doctor", "nowhere"], { cwd: folder })).toMatchObject({ code: 1 });
  });

  test("tasks: their own data, and their texts in the training data", () => {
    const folder = folderWith({
      "train/en.txt": `${long(1)}\n`,
      "data/xnli/dev-en.tsv": `${long(1)}\tSo it is.\tneutral\nA thing.\tNothing.\tcontradiction\n`,
      "data/xnli/dev-ru.tsv": "Это предложение.\tТак и есть.\tentailment\nA thing.\tNothing.\tcontradiction\n",
    });
    const { code, out, err } = interlingua(["data", "doctor", "train", "--tasks", "xnli", "--data", "data", "--json"], {
      cwd: folder,
    });
    expect(code, err).toBe(0);
    const { findings: found } = JSON.parse(out) as {
      findings: { check: string; file: string; language: string; count: number }[];
    };
    expect(found.map(({ check, file, language, count }) => `${check} ${file} ${language} ${count}`)).toEqual([
      "train-eval-overlap xnli en 1",
      "wrong-script xnli ru 1",
      "labels-differ xnli ru 1",
      "same-as-pivot xnli ru 1",
    ]);
    expect(interlingua(["data", "doctor", "--tasks", "xnli"]).code).toBe(2);
  });

  test("inspect tells the layout, or takes what it is told", () => {
    const folder = folderWith({ ...files, "x/eng-deu.jsonl": json([{ anchor: "One.", positive: "Eins." }]) });
    const run = (...args: string[]) => interlingua(["data", "inspect", ...args], { cwd: folder });
    expect(run("train").out).toMatch(/en-de\.tsv +2 +\w{12} +TSV of 2 columns: en, de\n\nparallel: 1 rows, 1 left out/);
    expect(JSON.parse(run("x", "--json").out)).toMatchObject([
      {
        kind: "parallel",
        rows: 1,
        samples: [{ en: "One.", de: "Eins." }],
        layouts: [{ layout: "JSON rows with anchor and positive" }],
      },
    ]);
    expect(run("test", "--as", "text", "--languages", "en").out).toContain(`text: ${JSON.stringify(long(3))}`);
    expect(run("test", "--as", "nonsense").code).toBe(2);
  });
});
