import { expect, test } from "vitest";
import { languageDetector } from "./language-id.ts";
import { translationRates } from "./rates.ts";
import { isWrittenIn } from "./script.ts";

const german = [
  "Die Fähre verließ den Hafen um sechs Uhr.",
  "Sie kaufte zwei Brote und ein Stück Käse.",
  "Niemand wusste, wohin die Straße führte.",
  "Der Bäcker öffnet seinen Laden sehr früh.",
  "Wir haben gestern lange auf den Bus gewartet.",
];
const english = [
  "The ferry left the harbour at six o'clock.",
  "She bought two loaves and a piece of cheese.",
  "Nobody knew where the road was going.",
  "The baker opens his shop very early.",
  "Yesterday we waited for the bus for a long time.",
];

test("a text is of a script when at least half of its letters are", () => {
  expect(isWrittenIn("Москва 2024", "Cyrl")).toBe(true);
  expect(isWrittenIn("Moscow", "Cyrl")).toBe(false);
  expect(isWrittenIn("私はパンを買う", "Jpan")).toBe(true);
  expect(isWrittenIn("私はパンを買う", "Hans")).toBe(false);
  expect(isWrittenIn("渡轮六点离开 ABC", "Hans")).toBe(true);
  expect(isWrittenIn("12 + 5!", "Latn")).toBeUndefined();
  expect(() => isWrittenIn("a", "Nope")).toThrow('Script "Nope" is not known');
});

test("a detector tells the languages that it was given, and does not know a text by itself", () => {
  const detector = languageDetector(
    new Map([
      ["de", german],
      ["en", english],
    ]),
  );
  expect(detector.nearest("Der Käse und das Brot")).toBe("de");
  expect(detector.nearest("the cheese and the bread")).toBe("en");
  expect(detector.nearest("1, 2, 3")).toBeUndefined();
  // words that no other sample has: only the line itself says which language they are
  const odd = languageDetector(
    new Map([
      ["de", [...german, "Qqx zzv qqx zzv"]],
      ["en", [...english, "Qqx zzw"]],
    ]),
  );
  expect(odd.nearest("qqx zzv")).toBe("de");
  expect(odd.nearest("qqx zzv", { language: "de", line: "Qqx zzv qqx zzv" })).toBe("en");
  expect(odd.nearest("qqx zzv", { language: "de", line: "not a sample" })).toBe("de");
  expect(() => languageDetector(new Map([["de", german]]))).toThrow("at least two languages, got 1");
});

test("rates count what is empty, copied, in another script or language, and how long it is", () => {
  const detector = languageDetector(
    new Map([
      ["de", german],
      ["en", english],
    ]),
  );
  const hypotheses = [german[0]!, ` ${english[1]!.toUpperCase()}`, " \u3000", "Никто не знал", "Hotel"];
  const references = [[...german.slice(0, 4), "Hotel"]];
  const sources = [...english.slice(0, 4), "Hotel"];
  const rates = translationRates({
    hypotheses,
    references,
    sources,
    script: "Latn",
    detector: { detector, target: "de" },
  });
  expect(rates.empty).toMatchObject({ value: 1 / 5, n: 5 });
  // the reference is "Hotel" too, so that is no failure
  expect(rates.copy).toMatchObject({ value: 1 / 5, n: 5 });
  expect(rates.off_target_script).toMatchObject({ value: 1 / 4, n: 4, references: 0 });
  expect(rates.off_target_language).toMatchObject({ n: 4, languages: ["de", "en"] });
  expect(rates.off_target_language!.nearest.en).toBeGreaterThanOrEqual(1);
  const letters = (lines: readonly string[]) => lines.join("").replace(/\s/g, "").length;
  expect(rates.length_ratio).toBeCloseTo(letters(hypotheses) / letters(references[0]!), 12);
  expect(rates.empty.low).toBeGreaterThan(0);
  expect(rates.empty.high).toBeLessThan(1);
  const bare = translationRates({ hypotheses, references });
  expect(Object.keys(bare)).toEqual(["empty", "length_ratio"]);
});
