import { exact, type Rounding, single, type TranslationMetric } from "./metric.ts";
import { type Counts, characterNgrams, overlap, total, wordNgrams } from "./ngrams.ts";
import { withoutSpaces, words } from "./words.ts";

export interface ChrfOptions {
  /** longest character n-grams */
  characterOrder?: number;
  /** longest word n-grams: 2 makes chrF++ */
  wordOrder?: number;
  /** how many times recall counts as much as precision */
  beta?: number;
  lowercase?: boolean;
  /** count white space as characters */
  whitespace?: boolean;
  /** average over all orders with a tiny value where one is absent, instead of over the orders that are there */
  epsilonSmoothing?: boolean;
}

/**
 * chrF and chrF++ (Popović 2015, 2017) as sacrebleu computes them. Statistics: n-grams of hypothesis, reference and both,
 * by order, character orders first; of several references those of the best.
 */
export function chrf(options: ChrfOptions = {}): TranslationMetric {
  const { characterOrder = 6, wordOrder = 0, beta = 2 } = options;
  const { lowercase = false, whitespace = false, epsilonSmoothing = false } = options;
  const score = (sums: ArrayLike<number>, rounding: Rounding = exact) =>
    epsilonSmoothing ? smoothedScore(sums, beta, rounding) : effectiveScore(sums, beta, rounding);
  const ngrams = (line: string): Counts[] => {
    const text = lowercase ? line.toLowerCase() : line;
    const characters = whitespace ? text : withoutSpaces(text);
    const parts = wordOrder > 0 ? words(text).flatMap(withoutPunctuation) : [];
    return [
      ...Array.from({ length: characterOrder }, (_, i) => characterNgrams(characters, i + 1)),
      ...Array.from({ length: wordOrder }, (_, i) => wordNgrams(parts, i + 1)),
    ];
  };
  return {
    name: `chrF${beta}${"+".repeat(wordOrder)}`,
    lowerIsBetter: false,
    resampling: { sums: "float32", scores: single },
    signature: [
      ["case", lowercase ? "lc" : "mixed"],
      ["eff", epsilonSmoothing ? "no" : "yes"],
      ["nc", characterOrder],
      ["nw", wordOrder],
      ["space", whitespace ? "yes" : "no"],
    ],
    statistics(hypothesis, references) {
      const own = ngrams(hypothesis);
      const candidates = references.map((reference) => matches(own, ngrams(reference)));
      return candidates.reduce((best, candidate) => (score(candidate) > score(best) ? candidate : best));
    },
    score,
  };
}

/** A word without the one punctuation mark at its end, else at its start; the mark is a word of its own. */
function withoutPunctuation(word: string): string[] {
  const points = [...word];
  if (points.length === 1) return [word];
  const isMark = (point: string) => /[!-/:-@[-`{-~]/.test(point);
  if (isMark(points.at(-1)!)) return [points.slice(0, -1).join(""), points.at(-1)!];
  return isMark(points[0]!) ? [points[0]!, points.slice(1).join("")] : [word];
}

/** Where the reference has no n-gram of an order, the hypothesis' own are not counted either. */
function matches(own: readonly Counts[], reference: readonly Counts[]): number[] {
  return own.flatMap((counts, i) => {
    const theirs = reference[i]!;
    return [theirs.size > 0 ? total(counts) : 0, total(theirs), overlap(counts, theirs)];
  });
}

/** F of the mean precision and the mean recall, over the orders that both sides have. */
function effectiveScore(sums: ArrayLike<number>, beta: number, round: Rounding): number {
  const factor = beta ** 2;
  let [precision, recall, orders] = [0, 0, 0];
  for (let i = 0; i < sums.length; i += 3) {
    const [own, theirs, both] = [sums[i]!, sums[i + 1]!, sums[i + 2]!];
    if (own === 0 || theirs === 0) continue;
    precision = round(precision + round(both / own));
    recall = round(recall + round(both / theirs));
    orders++;
  }
  if (orders === 0) return 0;
  precision = round(precision / orders);
  recall = round(recall / orders);
  if (precision + recall === 0) return 0;
  const above = round(round((1 + factor) * precision) * recall);
  return round(100 * round(above / round(round(factor * precision) + recall)));
}

/** Mean of the F of every order, as chrF++.py, Moses and NLTK compute it. */
function smoothedScore(sums: ArrayLike<number>, beta: number, round: Rounding): number {
  const epsilon = 1e-16;
  const factor = beta ** 2;
  let sum = 0;
  for (let i = 0; i < sums.length; i += 3) {
    const [own, theirs, both] = [sums[i]!, sums[i + 1]!, sums[i + 2]!];
    const precision = own > 0 ? round(both / own) : epsilon;
    const recall = theirs > 0 ? round(both / theirs) : epsilon;
    const below = round(round(factor * precision) + recall);
    sum = round(sum + (below > 0 ? round(round(round((1 + factor) * precision) * recall) / below) : epsilon));
  }
  return round(round(100 * sum) / (sums.length / 3));
}
