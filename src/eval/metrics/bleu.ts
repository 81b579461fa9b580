import { fixed } from "./fixed.ts";
import { exact, type Rounding, type TranslationMetric } from "./metric.ts";
import { type Counts, overlap, total, wordNgrams } from "./ngrams.ts";
import { type TokenizerName, tokenize } from "./tokenizers.ts";

/** What an n-gram order without a match counts as; the last three are methods 1–3 of Chen and Cherry (WMT 2014). */
export type Smoothing = "none" | "floor" | "add-k" | "exp";
export const smoothings: readonly Smoothing[] = ["none", "floor", "add-k", "exp"];

export interface BleuOptions {
  tokenizer?: TokenizerName;
  lowercase?: boolean;
  smoothing?: Smoothing;
  /** of `floor` (default 0.1) and `add-k` (default 1) */
  smoothingValue?: number;
  /** longest n-grams */
  order?: number;
  /** leave out orders of which a hypothesis has no n-gram; for single sentences */
  effectiveOrder?: boolean;
}

const smoothingValues: Partial<Record<Smoothing, number>> = { floor: 0.1, "add-k": 1 };

/** BLEU (Papineni et al. 2002) as sacrebleu computes it. Statistics: lengths of hypothesis and reference, matches, n-grams. */
export function bleu(options: BleuOptions = {}): TranslationMetric {
  const { tokenizer = "13a", lowercase = false, smoothing = "exp", order = 4, effectiveOrder = false } = options;
  const value = options.smoothingValue ?? smoothingValues[smoothing];
  const hasValue = smoothingValues[smoothing] !== undefined;
  const tokens = (line: string) => tokenize(tokenizer, lowercase ? line.toLowerCase() : line);
  const settings = { order, smoothing, value: value ?? 0, effectiveOrder };
  return {
    name: "BLEU",
    lowerIsBetter: false,
    resampling: { sums: "float32", scores: exact },
    signature: [
      ["case", lowercase ? "lc" : "mixed"],
      ["eff", effectiveOrder ? "yes" : "no"],
      ["tok", tokenizer],
      ["smooth", hasValue ? `${smoothing}[${fixed(value!, 2)}]` : smoothing],
    ],
    statistics: (hypothesis, references) => statistics(tokens(hypothesis), references.map(tokens), order),
    score: (sums, rounding = exact) => compute(sums, settings, rounding).score,
    detail(sums) {
      const { precisions, penalty } = compute(sums, settings, exact);
      const [length, reference] = [Math.trunc(sums[0]!), Math.trunc(sums[1]!)];
      const ratio = reference === 0 ? 0 : length / reference;
      return (
        `${precisions.map((precision) => fixed(precision, 1)).join("/")} (BP = ${fixed(penalty, 3)} ` +
        `ratio = ${fixed(ratio, 3)} hyp_len = ${length} ref_len = ${reference})`
      );
    },
  };
}

function statistics(hypothesis: readonly string[], references: readonly string[][], order: number): number[] {
  const orders = Array.from({ length: order }, (_, i) => i + 1);
  const own = orders.map((n) => wordNgrams(hypothesis, n));
  const theirs = orders.map((n) => mostInAny(references.map((reference) => wordNgrams(reference, n))));
  return [
    hypothesis.length,
    closestLength(hypothesis.length, references),
    ...own.map((counts, i) => overlap(counts, theirs[i]!)),
    ...own.map(total),
  ];
}

/** Each n-gram as often as the reference that has most of it. */
function mostInAny(references: readonly Counts[]): Counts {
  const most = new Map(references[0]);
  for (const counts of references.slice(1))
    for (const [ngram, count] of counts) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
  return most;
}

/** Length of the reference closest in length; of two equally close ones the shorter. */
function closestLength(length: number, references: readonly string[][]): number {
  const distance = (other: number) => Math.abs(other - length);
  return references
    .map((reference) => reference.length)
    .reduce((best, other) => {
      const nearer = distance(other) - distance(best);
      return nearer < 0 || (nearer === 0 && other < best) ? other : best;
    });
}

interface Settings {
  order: number;
  smoothing: Smoothing;
  value: number;
  effectiveOrder: boolean;
}

interface Computed {
  score: number;
  /** per cent */
  precisions: number[];
  penalty: number;
}

function compute(sums: ArrayLike<number>, settings: Settings, round: Rounding): Computed {
  const { order } = settings;
  const [length, reference] = [Math.trunc(sums[0]!), Math.trunc(sums[1]!)];
  let penalty = 1;
  if (length < reference) penalty = length > 0 ? Math.exp(1 - reference / length) : 0;
  const { precisions, used } = smoothedPrecisions(sums, settings, round);
  if (used === 0) return { score: 0, precisions, penalty };
  // a precision of zero is a logarithm far below every other, as in sacrebleu
  const logs = precisions.slice(0, used).map((precision) => (precision === 0 ? -9999999999 : Math.log(precision)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / used;
  return { score: penalty * Math.exp(mean), precisions: precisions.slice(0, order), penalty };
}

/** Precisions in per cent and over how many orders they are averaged: none where nothing matches. */
function smoothedPrecisions(
  sums: ArrayLike<number>,
  { order, smoothing, value, effectiveOrder }: Settings,
  round: Rounding,
): { precisions: number[]; used: number } {
  const precisions = new Array<number>(order).fill(0);
  if (!Array.from({ length: order }, (_, i) => sums[2 + i]!).some((matches) => matches > 0))
    return { precisions, used: 0 };
  let used = order;
  let halvings = 1;
  for (let n = 1; n <= order; n++) {
    const added = smoothing === "add-k" && n > 1 ? value : 0;
    const matches = round(sums[1 + n]! + added);
    const ngrams = round(sums[1 + order + n]! + added);
    if (ngrams === 0) break;
    if (effectiveOrder) used = n;
    if (matches > 0) precisions[n - 1] = round(round(100 * matches) / ngrams);
    else if (smoothing === "exp") {
      halvings *= 2;
      precisions[n - 1] = round(100 / round(halvings * ngrams));
    } else if (smoothing === "floor") precisions[n - 1] = round((100 * value) / ngrams);
  }
  return { precisions, used };
}
