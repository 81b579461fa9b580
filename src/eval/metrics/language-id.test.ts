import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { needs, shared } from "../../../test/material.ts";
import { findLanguage } from "../../text/languages.ts";
import { languageDetector } from "./language-id.ts";
import { readLanguageSamples, readSegments } from "./segment-file.ts";

test("learned from FLORES, it knows 33 languages' FLORES lines, and Tatoeba's short sentences", (context) => {
  needs(context, "data/flores200", "data/tatoeba");
  const samples = readLanguageSamples(shared("data/flores200"));
  expect(samples.size).toBe(33);
  const detector = languageDetector(samples);
  const every = (lines: readonly string[], count: number) =>
    Array.from({ length: count }, (_, i) => lines[Math.floor((i * lines.length) / count)]!);
  const share = (found: boolean[]) => found.filter(Boolean).length / found.length;

  const own = [...samples].flatMap(([language, lines]) =>
    every(lines, 20).map((line) => detector.nearest(line, { language, line }) === language),
  );
  expect(share(own)).toBeGreaterThan(0.99);

  const short = readdirSync(shared("data/tatoeba")).flatMap((file) => {
    const { code } = findLanguage(/-(\w+)\.tsv$/.exec(file)![1]!)!;
    const lines = readSegments(shared(`data/tatoeba/${file}`)).map((line) => line.split("\t")[1]!);
    return every(lines, 40).map((line) => detector.nearest(line) === code);
  });
  expect(share(short)).toBeGreaterThan(0.97);
});
