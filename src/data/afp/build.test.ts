import { describe, expect, test } from "vitest";
import { folderWith } from "../../../test/folder.ts";
import { language } from "../../text/languages.ts";
import { readInstructions } from "../instructions.ts";
import { readParallel } from "../parallel.ts";
import { comparePython, floatText, strip, textLines } from "../python-text.ts";
import { type AfpOptions, buildAfp } from "./build.ts";
import { afpLine } from "./row.ts";
import { readAfpRows } from "./rows.ts";
import { afpLanguages } from "./templates.ts";

interface Item {
  id: string;
  instruction?: string | null;
  input?: string | null;
  output?: string | null;
}

const item = (code: string, i: number, more: Partial<Item> = {}): Item => ({
  ...{
    id: `own-${i}`,
    instruction: `${code} ask ${i}`,
    input: i % 2 ? `${code} context ${i}` : null,
    output: `${code} answer ${i}`,
  },
  ...more,
});
const many = (code: string, n: number) => Array.from({ length: n }, (_, i) => item(code, i));

/** A folder with a file of items per language. */
const bactrian = (languages: Record<string, Item[]>): string =>
  folderWith(
    Object.fromEntries(Object.entries(languages).map(([code, items]) => [`${code}.json`, JSON.stringify(items)])),
  );

const clean = (options: Partial<AfpOptions>) =>
  buildAfp({ mode: "bilingual", languages: ["en", "de"], share: 0.5, change: 0.5, seed: 0, parity: false, ...options });
const parity = (options: Partial<AfpOptions>) => clean({ ...options, parity: true });
const text = (built: ReturnType<typeof clean>) => built.files.flatMap(({ rows }) => rows.map(afpLine)).join("");
const counts = (values: readonly string[]): Map<string, number> => {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
};

describe("the clean form", () => {
  test("repeat × items rows; every item and every pair equally often; prompt and answer of the same item", () => {
    const built = clean({ instructions: bactrian({ en: many("en", 10), de: many("de", 10).reverse() }), repeat: 4 });
    const { rows } = built.files[0]!;
    expect(rows).toHaveLength(40);
    expect([...counts(rows.map(({ sent0, sent1 }) => `${sent0}|${sent1}`)).values()]).toEqual(new Array(10).fill(4));
    const texts = rows.map(({ clm_text }) =>
      clm_text.match(/^(en|de) ask (\d+)(?: \1 context \2)? Answer in (English|German): (en|de) answer \2$/),
    );
    expect(texts.every((found) => found && language(found[3]!).code === found[4])).toBe(true);
    expect([...counts(texts.map((found) => found![2]!)).values()]).toEqual(new Array(10).fill(4));
    expect(rows.every(({ clm_text, clm_prompt_len }) => /: $/.test(clm_text.slice(0, clm_prompt_len)))).toBe(true);
    expect(built.leftOut).toEqual([]);
    expect(built.pairs).toEqual({ "afp.en-de.jsonl": { available: 10, used: 10 } });
  });

  test("shares of languages and directions are those asked for, and the seed decides everything", () => {
    const instructions = bactrian({ en: many("en", 600), de: many("de", 600), sw: many("sw", 600) });
    const options = {
      mode: "crosslingual",
      languages: ["en", "de", "sw"],
      instructions,
      share: 0.6,
      change: 0.25,
      repeat: 5,
    } as const;
    const built = clean(options);
    const d = built.directions;
    const crossing = d["en->de"]! + d["en->sw"]! + d["de->en"]! + d["sw->en"]!;
    expect(Math.abs(crossing / 3000 - 0.6)).toBeLessThan(0.03);
    expect(Math.abs((d["de->en"]! + d["sw->en"]!) / crossing - 0.25)).toBeLessThan(0.04);
    expect(Math.abs(d["sw->sw"]! / (3000 - crossing) - 1 / 3)).toBeLessThan(0.05);
    expect(built.files.map(({ name }) => name)).toEqual(["afp.en-de.jsonl", "afp.en-sw.jsonl"]);
    // a text that is not in the pivot alone stands beside a pair of its own language
    for (const [i, code] of ["de", "sw"].entries())
      for (const { sent1, clm_text } of built.files[i]!.rows) {
        expect(sent1.startsWith(code)).toBe(true);
        expect(new Set([...clm_text.matchAll(/\b(en|de|sw) a/g)].map(([, found]) => found))).not.toContain(
          code === "de" ? "sw" : "de",
        );
      }
    expect(text(clean(options))).toBe(text(built));
    expect(text(clean({ ...options, seed: 1 }))).not.toBe(text(built));
    expect(clean({ ...options, share: 0 }).directions).not.toHaveProperty("en->de");
  });

  test("joined by id; what cannot be used is counted", () => {
    const en = [
      item("en", 1),
      item("en", 2, { output: " " }),
      item("en", 3),
      item("en", 3),
      item("en", 4, { instruction: "3 = 3" }),
    ];
    const de = [
      item("de", 4, { instruction: "3 = 3" }),
      item("de", 1),
      item("de", 2, { output: null }),
      item("de", 9, { instruction: "" }),
    ];
    const built = clean({ instructions: bactrian({ en, de }), share: 1 });
    expect(built.leftOut).toEqual([
      { language: "en", reason: "repeated id", count: 1 },
      { language: "en", reason: "no output", count: 1 },
      { language: "de", reason: "no instruction", count: 1 },
      { language: "de", reason: "no output", count: 1 },
      { language: "en-de", reason: "no pair: the same instruction in both languages", count: 1 },
      { language: "en", reason: "absent id", count: 1 },
      { language: "de", reason: "absent id", count: 1 },
      { language: "all", reason: "item without question and answer in any language", count: 2 },
    ]);
    // item 3 has no German side, so it is asked and answered in English
    expect(built.directions["en->en"]).toBe(1);
    expect(built.files[0]!.rows).toHaveLength(3);
    expect(new Set(built.files[0]!.rows.map(({ sent0 }) => sent0))).toEqual(new Set(["en ask 1", "en ask 2"]));
  });

  test("a repeated pair is one pair, and a context of blanks is none", () => {
    const same = { instruction: "same", input: "  " };
    const other = { instruction: "gleich", input: "\n" };
    const built = clean({
      instructions: bactrian({
        en: [1, 2].map((i) => item("en", i, same)),
        de: [1, 2].map((i) => item("de", i, other)),
      }),
    });
    expect(built.pairs["afp.en-de.jsonl"]).toEqual({ available: 1, used: 1 });
    expect(built.leftOut).toContainEqual({
      language: "en-de",
      reason: "no further pair: the same two instructions again",
      count: 1,
    });
    expect(text(built)).not.toMatch(/ {2}|\\n Answer/);
  });

  test("translations: TSV in either order of columns, line-aligned files, and what is left out", () => {
    const folder = folderWith({
      "plain.tsv": " One. \tEins.\textra\nTwo.\tZwei.\nOK\tOK\nalone\nTwo.\tZwei.\n",
      "deu-eng.tsv": "Eins.\tOne.\nZwei.\tTwo.\n",
      "opus/train.en": "One.\nTwo.\n",
      "opus/train.de": "Eins.\nZwei.\n",
    });
    const read = (name: string) => clean({ mode: "translation", translations: `${folder}/${name}`, repeat: 20 });
    const built = read("plain.tsv");
    expect(built.leftOut).toEqual([
      { language: "en-de", reason: "the same text twice", count: 1 },
      { language: "en-de", reason: "an empty side", count: 1 },
      { language: "en-de", reason: "a repeated pair", count: 1 },
    ]);
    for (const name of ["deu-eng.tsv", "opus", "opus/train.en"]) expect(text(read(name)), name).toBe(text(built));
    const rows = built.files[0]!.rows;
    expect([...counts(rows.map(({ sent0, sent1 }) => `${sent0} ${sent1}`))].sort()).toEqual([
      ["One. Eins.", 20],
      ["Two. Zwei.", 20],
    ]);
    expect(new Set(rows.map(({ clm_text }) => clm_text.replace(/One|Two/, "1").replace(/Eins|Zwei/, "2")))).toEqual(
      new Set(["1. Translate into German: 2.", "1. = 2.", "2. Translate into English: 1.", "2. = 1."]),
    );
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["a language without file", { "en.json": "[]" }, /no de\.json, the instructions in German/],
    ["packed files", { "en.json.gz": "" }, /Unpack en\.json\.gz/],
    [
      "no id",
      { "en.json": '[{"instruction":"a","output":"b"}]', "de.json": "[]" },
      /en\.json: record 0: expected an id/,
    ],
    [
      "a number for a text",
      { "en.json": '[{"id":1,"instruction":2}]', "de.json": "[]" },
      /expected text or null in instruction, received 2/,
    ],
    [
      "half a character",
      { "en.json": '[{"id":1,"output":"\\ud83d"}]', "de.json": "[]" },
      /half a surrogate pair in output/,
    ],
    [
      "nothing to pair",
      { "en.json": '[{"id":1,"instruction":"a","output":"b"}]', "de.jsonl": '{"id":1,"instruction":"a","output":"c"}' },
      /no instruction has text in the pivot and another text/,
    ],
  ])("refuses %s", (_, files, message) => {
    expect(() => clean({ instructions: folderWith(files) })).toThrow(message);
  });
});

test("refuses a folder that is not there", () => {
  expect(() => clean({ instructions: "nowhere" })).toThrow(/nowhere: expected a folder with a file per language/);
});

describe("the official form", () => {
  test("a repeat from the command line gives one row more; the built-in one does not", () => {
    const instructions = bactrian({ en: many("en", 8), de: many("de", 8) });
    const rows = (repeat?: number) => parity({ instructions, repeat }).files[0]!.rows.length;
    expect([rows(), rows(1), rows(2.5), rows(0), rows(-3)]).toEqual([8, 9, 21, 1, 0]);
  });

  test.each<[string, Record<string, Item[]>, RegExp]>([
    [
      "other ids",
      { en: many("en", 3), de: many("de", 4).slice(1) },
      /needs the same ids in both; found at own-0 of en, own-1 of de/,
    ],
    ["a shorter pivot", { en: many("en", 2), de: many("de", 3) }, /found 2 and 3 records/],
    [
      "an output that is null",
      { en: many("en", 2), de: many("de", 2).map((one) => ({ ...one, output: null })) },
      /the output is null, where the official program stops/,
    ],
    ["no pairs", { en: many("en", 2), de: many("en", 2) }, /so there is no sentence pair to learn from/],
  ])("refuses %s", (_, languages, message) => {
    expect(() => parity({ instructions: bactrian(languages), repeat: 5 })).toThrow(message);
  });

  test("a language that the program does not know, a line of one column", () => {
    expect(() => parity({ languages: ["en", "deu"] })).toThrow(/deu: .* one of 52 codes .* Did you mean de\?/);
    expect(() => parity({ languages: ["en", "yo"] })).toThrow(/Build without --parity/);
    const translations = `${folderWith({ "t.tsv": "a\tb\nc\n" })}/t.tsv`;
    expect(() => parity({ mode: "translation", translations })).toThrow(/t\.tsv:2: expected two columns/);
  });
});

test("the 52 languages of the protocol have the names that the rest of interlingua uses", () => {
  expect(Object.keys(afpLanguages)).toHaveLength(52);
  for (const [code, name] of Object.entries(afpLanguages)) expect(language(code)).toMatchObject({ code, name });
});

describe("reading rows", () => {
  const row = { sent0: "One.", sent1: "Eins.", clm_text: "Zwei? Answer in German: 𝄞!", clm_prompt_len: 24 };
  const lines = (...rows: object[]) => rows.map((one) => JSON.stringify(one)).join("\n");

  test("both halves, with the languages of the name or of the caller; what is left out is counted", () => {
    const rows = [
      row,
      { ...row, sent0: null },
      { ...row, sent1: "One.", clm_prompt_len: 26 },
      { sent0: "x", sent1: "y", sent2: "z" },
    ];
    const folder = folderWith({
      "AFP.en_de.X0.5.R3.0.json": lines(...rows),
      "AFP.en-de-trans.C0.5.R1.json": lines(row),
      "note.md": "",
    });
    const { pairs, instructions, leftOut, sources } = readAfpRows(folder);
    expect(pairs).toEqual([
      { a: "One.", b: "Eins.", languages: ["und", "und"] },
      { a: "One.", b: "Eins.", languages: ["en", "de"] },
      { a: "x", b: "y", languages: ["en", "de"], negative: "z" },
    ]);
    expect(instructions).toEqual(new Array(3).fill({ prompt: "Zwei? Answer in German: ", answer: "𝄞!" }));
    expect(leftOut).toEqual([
      { language: "en-de", reason: "a pair with an empty side", count: 1 },
      { language: "en-de", reason: "a pair of the same text twice", count: 1 },
      { language: "en-de", reason: "a text without answer", count: 1 },
    ]);
    expect(sources.map(({ role, rows: count }) => `${role} ${count}`)).toEqual(["afp 1", "afp 4"]);
    const one = readAfpRows(`${folder}/AFP.en-de-trans.C0.5.R1.json`, { languages: ["English", "deu"], limit: 1 });
    expect(one.pairs[0]!.languages).toEqual(["en", "de"]);
  });

  test("what was built is read back, by every reader", () => {
    const built = clean({ instructions: bactrian({ en: many("en", 9), de: many("de", 9) }), repeat: 2 });
    const folder = folderWith({ [built.files[0]!.name]: text(built), "afp.md": "# AFP rows\n" });
    const { rows } = built.files[0]!;
    const read = readAfpRows(folder);
    expect(read.pairs).toEqual(rows.map(({ sent0, sent1 }) => ({ a: sent0, b: sent1, languages: ["en", "de"] })));
    expect(read.instructions.map(({ prompt, answer }) => prompt + answer)).toEqual(
      rows.map(({ clm_text }) => clm_text),
    );
    expect(readParallel(folder, ["en", "de"]).pairs).toEqual(read.pairs);
    expect(readInstructions(folder, { crossLingualShare: 0, seed: 0 }).rows).toEqual(read.instructions);
  });

  test.each([
    [{ sent0: "a" }, /t\.jsonl:1: expected a text field sent1/],
    [{ ...row, clm_prompt_len: 27 }, /expected clm_prompt_len from 0 to 26, received 27/],
    [{ ...row, clm_text: 1 }, /expected a text field clm_text, but clm_text is 1/],
  ])("refuses %j", (bad, message) => {
    expect(() => readAfpRows(`${folderWith({ "t.jsonl": lines(bad) })}/t.jsonl`)).toThrow(message);
  });
});

describe("Python's text", () => {
  test.each([
    [0.5, "0.5"],
    [3, "3.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [1e-4, "0.0001"],
    [1.5e-5, "1.5e-05"],
    [123456.125, "123456.125"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [-2.5e300, "-2.5e+300"],
  ])("%d is %s", (value, expected) => expect(floatText(value)).toBe(expected));

  test("strings in order of code points, numbers by value", () => {
    const sorted = ["alpaca-10", "alpaca-4", "a", "ab", "\uffee", "😀", "😁"];
    expect([...sorted].reverse().sort(comparePython)).toEqual([
      "a",
      "ab",
      "alpaca-10",
      "alpaca-4",
      "\uffee",
      "😀",
      "😁",
    ]);
    expect([10, 9, 100].sort(comparePython)).toEqual([9, 10, 100]);
  });

  test("strip and lines", () => {
    expect(strip("\u3000\x1c a\ufeff \x85")).toBe("a\ufeff");
    expect(textLines("a\r\nb\rc\n\nd")).toEqual(["a", "b", "c", "", "d"]);
    expect(textLines("a\n")).toEqual(["a"]);
  });
});
