import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { readParallel } from "./parallel.ts";

const pair = (a: string, b: string, other = "de") => ({ a, b, languages: ["en", other] });

describe("readParallel", () => {
  test.each([
    [
      "a folder of TSVs in any spelling",
      { "eng-deu.tsv": "One.\tEins.\n", "fra-eng.tsv": "Un.\tOne.\n", "eng-jpn.tsv": "bad" },
      "",
    ],
    ["a TSV with a header of languages", { "all.tsv": "de\ten\tfr\tru\nEins.\tOne.\tUn.\tРаз.\n" }, "all.tsv"],
    [
      "line-aligned files",
      { "train.en": "One.\n", "train.deu_Latn": "Eins.\n", "x/dev.fr": "Un.\n", "x/dev.en": "One." },
      "",
    ],
    [
      "files named by their language first",
      { "eng_Latn.dev": "One.\n", "deu_Latn.dev": "Eins.\n", "fra_Latn.dev": "Un.\n" },
      "",
    ],
    [
      "a common beginning",
      { "train.en": "One.\n", "train.de": "Eins.\n", "train.fr": "Un.\n", "other.de": "Zwei." },
      "train",
    ],
    [
      "translation records",
      { "a.jsonl": '{"translation":{"en":"One.","de":"Eins."}}\n{"translation":{"fr":"Un.","en":"One."}}\n' },
      "a.jsonl",
    ],
    ["a field per language", { "a.json": '[{"english":"One.","deu":"Eins.","fr":"Un."}]' }, "a.json"],
  ])("%s", (_, files, path) => {
    const { pairs, skipped, sources } = readParallel(`${folderWith(files)}/${path}`, ["en", "de", "fr"]);
    expect(new Set(pairs.map((found) => JSON.stringify(found)))).toEqual(
      new Set([pair("One.", "Eins."), pair("One.", "Un.", "fr")].map((found) => JSON.stringify(found))),
    );
    expect(skipped).toBe(0);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.every(({ role, rows, sha256 }) => role === "parallel" && rows > 0 && sha256.length === 64)).toBe(
      true,
    );
  });

  test.each([
    [
      "sent0 and sent1",
      { "a.jsonl": '{"sent0":"One.","sent1":"Eins.","clm_text":"x","clm_prompt_len":1}\n' },
      "a.jsonl",
    ],
    ["anchor and positive", { "a.jsonl": '{"anchor":"One.","positive":"Eins."}\n' }, "a.jsonl"],
    ["a lone TSV in the order of the languages", { "a.tsv": "One.\tEins.\n" }, "a.tsv"],
    ["one of two line-aligned files", { "train.en": "One.\n", "train.de": "Eins.\n", "dev.de": "Zwei.\n" }, "train.de"],
  ])("two languages: %s", (_, files, path) => {
    expect(readParallel(`${folderWith(files)}/${path}`, ["eng", "German"]).pairs).toEqual([pair("One.", "Eins.")]);
  });

  test("the pivot may be either column, and a first line of words is not a header", () => {
    const folder = folderWith({ "eng-dan.tsv": "No\tDa\nI eat.\tJeg spiser.\n" });
    expect(readParallel(folder, ["da", "en"]).pairs[1]).toEqual({
      a: "Jeg spiser.",
      b: "I eat.",
      languages: ["da", "en"],
    });
    expect(readParallel(folder, ["da", "en"]).pairs).toHaveLength(2);
  });

  test("leaves out and counts empty and identical sides; the limit counts what is kept", () => {
    const folder = folderWith({ "en-de.tsv": "OK\tOK\nA\t\n\tB\nC\tD\nE\tF\n", "en-fr.tsv": "C\tD\n" });
    const { pairs, skipped } = readParallel(folder, ["en", "de", "fr"], { limit: 1 });
    expect(pairs).toEqual([pair("C", "D"), pair("C", "D", "fr")]);
    expect(skipped).toBe(3);
  });

  test.each([
    [{ "en-de.tsv": "One.\tEins.\nTwo.\n" }, /en-de\.tsv:2: expected 2 columns separated by tabs, received 1/],
    [{ "t.en": "One.\nTwo.\n", "t.de": "Eins.\n" }, /t\.en has 2 lines and .*t\.de has 1\. Line-aligned files/],
    [{ "en-de.tsv": "" }, /en-de\.tsv: the file is empty/],
    [
      { "en-fr.tsv": "a\tb\n", "notes.md": "x" },
      /no pairs of en with de\. Expected en-de\.tsv .*found en-fr\.tsv, notes\.md\./,
    ],
    [{ "a.jsonl": '{"en":"One."}\n' }, /a\.jsonl:1: expected text in en and de, .*the fields are en\./],
    [{ "a.jsonl": '{"en":"One.","de":3}\n' }, /a\.jsonl:1: expected a text field de, but de is 3/],
    [{ "a.jsonl": '{"en":"One.","de":"x"}\n{oops\n' }, /a\.jsonl:2: expected JSON/],
  ])("refuses %j", (files: Record<string, string>, message) => {
    expect(() => readParallel(folderWith(files), ["en", "de"])).toThrow(message);
  });

  test("refuses unknown languages, one language, an absent path and rows that name no language", () => {
    const folder = folderWith({ "a.jsonl": '{"anchor":"One.","positive":"Eins."}\n' });
    expect(() => readParallel(folder, ["en", "deutsch"])).toThrow(/Unknown language "deutsch"/);
    expect(() => readParallel(folder, ["en", "English"])).toThrow(/two or more languages, the pivot first/);
    expect(() => readParallel(`${folder}/b`, ["en", "de"])).toThrow(/b: there is no such file or folder/);
    expect(() => readParallel(folder, ["en", "de", "fr"])).toThrow(
      /a\.jsonl:1: rows with anchor and positive name no language/,
    );
  });
});

describe("the shared data", () => {
  test("Tatoeba: a folder of 32 TSVs", (context) => {
    needs(context, "data/tatoeba");
    const { pairs, sources } = readParallel(shared("data/tatoeba"), ["en", "zh", "swh", "fa"]);
    expect(sources).toHaveLength(3);
    expect(new Set(pairs.map(({ languages }) => languages.join("-")))).toEqual(new Set(["en-zh", "en-sw", "en-fa"]));
    expect(pairs.every(({ a, b }) => a !== "" && b !== "" && a !== b)).toBe(true);
  });

  test("question translations of GSM8K: line-aligned files in one folder per language", (context) => {
    needs(context, "data/question-translation/gsm8k");
    const { pairs, sources } = readParallel(shared("data/question-translation/gsm8k"), ["en", "de", "zh"]);
    expect(sources.map(({ rows, language }) => `${language} ${rows}`)).toEqual([
      "en 7464",
      "de 7464",
      "en 7363",
      "zh 7363",
    ]);
    expect(pairs.length).toBeGreaterThan(14_700);
  });

  test("FLORES: files named by their language", (context) => {
    needs(context, "data/flores200");
    expect(readParallel(shared("data/flores200"), ["en", "de"]).pairs).toHaveLength(1012);
  });
});
