import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { readText } from "./text.ts";

const folder = () =>
  folderWith({
    "de.txt": "eins\n\nzwei\r\n",
    "wiki.swh_Latn": "moja\n",
    "fr.jsonl": '{"text":"un\\ndeux"}\n\n{"text":" "}\n',
    LICENSE: "not text to learn",
    "sub/ru.txt": "раз",
  });

describe("readText", () => {
  test("takes each non-empty line or text field as a document", () => {
    const { documents, sources } = readText(folder(), ["de", "fra", "Swahili"]);
    expect(documents).toEqual(["eins", "zwei", "un\ndeux", "moja"]);
    expect(sources.map(({ language, rows }) => `${language} ${rows}`)).toEqual(["de 2", "fr 1", "sw 1"]);
    expect(readText(folder()).documents).toEqual(documents);
    expect(readText(folder(), ["fr"]).documents).toEqual(["un\ndeux"]);
  });

  test("takes columns of a TSV with a header of languages", () => {
    const path = `${folderWith({ "all.tsv": "en\tde\nOne.\tEins.\nTwo.\tZwei.\n" })}/all.tsv`;
    expect(readText(path, ["de"]).documents).toEqual(["Eins.", "Zwei."]);
    expect(readText(path).documents).toHaveLength(4);
  });

  test("one file for one language needs no name", () => {
    const path = `${folderWith({ "corpus.txt": "one\n" })}/corpus.txt`;
    expect(readText(path, ["en"])).toMatchObject({ documents: ["one"], sources: [{ language: "en" }] });
    expect(readText(path).documents).toEqual(["one"]);
  });

  test("says which language is absent, and what is wrong where", () => {
    expect(() => readText(folder(), ["de", "ja"])).toThrow(
      /found no text in ja\. Expected files named by their language/,
    );
    expect(() => readText(folderWith({ "en.txt": "\n" }))).toThrow(/en\.txt: the file is empty/);
    expect(() => readText(folderWith({ "en.jsonl": '{"body":"x"}' }))).toThrow(
      /en\.jsonl:1: expected a text field text/,
    );
    expect(() => readText(`${folderWith()}/absent.txt`)).toThrow(/absent\.txt: there is no such file/);
    expect(() => readText(folderWith({ "a.tsv": "en\tde\nOne.\n" }))).toThrow(/a\.tsv:2: expected 2 columns/);
  });
});
