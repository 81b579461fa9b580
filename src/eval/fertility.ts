import { bootstrapRatio } from "../stats/bootstrap.ts";
import type { Interval } from "../stats/intervals.ts";

const segmenters = new Map<string, Intl.Segmenter>();

/** Words of a text by Unicode's rules, and by dictionaries where no spaces part them (Chinese, Japanese, Thai, Khmer …). */
export function countWords(text: string, language: string): number {
  const known = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: "word" });
  segmenters.set(language, known);
  let words = 0;
  for (const { isWordLike } of known.segment(text)) if (isWordLike) words++;
  return words;
}

/** Tokens per word over all texts, with the interval over resampled texts; texts without words are left out. */
export function fertility(
  texts: readonly string[],
  tokens: readonly number[],
  language: string,
): { value: number; n: number } & Interval {
  const counted = texts.map((text, i) => ({ words: countWords(text, language), tokens: tokens[i]! }));
  const kept = counted.filter(({ words }) => words > 0);
  if (kept.length === 0) return { value: 0, n: 0, low: 0, high: 0 };
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const [above, below] = [kept.map((each) => each.tokens), kept.map((each) => each.words)];
  return { value: sum(above) / sum(below), n: kept.length, ...bootstrapRatio(above, below) };
}
