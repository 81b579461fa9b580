import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { findLanguage, language, languages } from "./languages.ts";

describe("language", () => {
  test.each([
    ["zh", "zh zho cmn chi zho_Hans ZHO_hans cmn_Hans Chinese chinese zh-CN zh_CN zh-Hans zh_Hans_CN"],
    ["sw", "sw swa swh swh_Latn Swahili SW"],
    ["fa", "fa fas pes per pes_Arab Farsi Persian"],
    ["ar", "ar ara arb arb_Arab Arabic ar-EG ar_001"],
    ["et", "et est ekk ekk_Latn Estonian"],
    ["ja", "ja jp jpn jpn_Jpan ja-JP"],
    ["no", "no nb nob nor nob_Latn Norwegian"],
    ["sl", "sl slv Slovene Slovenian"],
    ["pt", "pt por pt-BR pt_br"],
    ["tl", "tl tgl fil Tagalog Filipino"],
  ])("%s has the spellings %s", (code, forms) => {
    for (const form of forms.split(" ")) expect(language(form).code, form).toBe(code);
  });

  test("says what came and what is near", () => {
    expect(() => language("zhh")).toThrow(/^Unknown language "zhh"\. Nearest: .*zh \(Chinese\)/);
    expect(() => language("Germann")).toThrow(/Nearest: de \(German\)/);
    expect(() => language("swe_Cyrl")).toThrow(/Nearest: .*sv \(Swedish\)/);
    expect(() => language("")).toThrow(/Unknown language ""/);
  });

  test("never takes Traditional Chinese for the simplified text of the table", () => {
    for (const form of ["zho_Hant", "zh-TW", "zh_HK", "zh-Hant"]) expect(findLanguage(form), form).toBeUndefined();
  });

  test("has no two languages with the same code, name or FLORES code", () => {
    for (const key of ["code", "iso3", "name", "flores"] as const)
      expect(new Set(languages.map((entry) => entry[key])).size, key).toBe(languages.length);
    for (const entry of languages)
      for (const key of ["code", "iso3", "name", "flores"] as const)
        expect(language(entry[key]), entry[key]).toBe(entry);
  });

  test("has what the published experiments use", () => {
    const afp =
      "af ar az bn cs de en es et fa fi fr gl gu he hi hr id it ja ka kk km ko lt lv mk ml mn mr my ne nl pl ps pt ro ru si sl sv sw ta te th tl tr uk ur vi xh zh";
    const others = "sl pl bg no ms is hi th sw bn nl sv el ur ht qu et eu te id it ta tr vi da hu";
    for (const code of `${afp} ${others}`.split(" ")) expect(language(code).iso1).toBe(code);
    expect(afp.split(" ")).toHaveLength(52);
    expect(language("he").direction).toBe("rtl");
    expect(language("th")).toMatchObject({ name: "Thai", script: "Thai", direction: "ltr", iso3: "tha" });
  });

  test("knows every language of the shared data", (context) => {
    needs(context, "data/flores200", "data/tatoeba");
    for (const name of readdirSync(shared("data/flores200")))
      expect(language(name.split(".")[0]!).flores).toBe(name.split(".")[0]);
    for (const name of readdirSync(shared("data/tatoeba")))
      expect(language(name.slice(4, 7)).iso3).toBe(name.slice(4, 7));
  });
});
