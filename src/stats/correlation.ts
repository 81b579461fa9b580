import { betaCdf } from "./beta.ts";
import type { Interval } from "./intervals.ts";
import { normalQuantile } from "./normal.ts";
import { ranks } from "./ranks.ts";
import { mean } from "./spread.ts";

export interface Correlation {
  /** −1 to 1; NaN where one side is constant */
  value: number;
  /** two-sided, of no correlation; NaN where one side is constant */
  p: number;
}

/**
 * Pearson's correlation with the p of its t-test and Fisher's interval.
 * @throws Error when the lists differ in length or have fewer than three values
 */
export function pearson(x: readonly number[], y: readonly number[], confidence = 0.95): Correlation & Interval {
  const value = product(x, y);
  const n = x.length;
  const p = Number.isNaN(value) ? Number.NaN : betaCdf((1 - value) * (1 + value), n / 2 - 1, 0.5);
  if (n === 3) return { value, p, low: -1, high: 1 };
  const reach = normalQuantile(0.5 + confidence / 2) / Math.sqrt(n - 3);
  return { value, p, low: Math.tanh(Math.atanh(value) - reach), high: Math.tanh(Math.atanh(value) + reach) };
}

/** Spearman's rank correlation: Pearson's of the ranks. */
export function spearman(x: readonly number[], y: readonly number[]): Correlation {
  const { value, p } = pearson(ranks(x), ranks(y));
  return { value, p };
}

function product(x: readonly number[], y: readonly number[]): number {
  if (x.length !== y.length || x.length < 3)
    throw new Error(`Correlation: expected at least three pairs of values, got ${x.length} and ${y.length} values.`);
  const [a, b] = [centred(x), centred(y)];
  const [lengthA, lengthB] = [Math.hypot(...a), Math.hypot(...b)];
  const value = a.reduce((sum, each, i) => sum + (each / lengthA) * (b[i]! / lengthB), 0);
  return Math.max(-1, Math.min(1, value));
}

function centred(values: readonly number[]): number[] {
  const centre = mean(values);
  return values.map((value) => value - centre);
}
