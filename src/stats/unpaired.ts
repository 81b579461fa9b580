import type { Interval } from "./intervals.ts";
import { wilson } from "./intervals.ts";
import { normalQuantile, normalTail } from "./normal.ts";

/** A measured value with its 95 % interval. */
export interface Estimate extends Interval {
  value: number;
  n: number;
}

export interface UnpairedChange extends Interval {
  difference: number;
  /** two-sided, of no difference */
  p: number;
  /** smallest difference that such samples show with 80 % power at 5 % */
  detectable: number;
}

const quantile = normalQuantile(0.975);
const reach = quantile + normalQuantile(0.8);

/**
 * Change of a proportion between two samples that are taken as independent: pooled z-test, Newcombe's interval (1998,
 * method 10). Where both are of the same items this is cautious, since it cannot see which answers changed.
 */
export function proportionChange(before: Estimate, after: Estimate): UnpairedChange {
  const [first, second] = [interval(before), interval(after)];
  const difference = after.value - before.value;
  const pooled = (before.value * before.n + after.value * after.n) / (before.n + after.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n));
  return {
    difference,
    low: difference - Math.hypot(after.value - second.low, first.high - before.value),
    high: difference + Math.hypot(second.high - after.value, before.value - first.low),
    p: twoSided(difference, error),
    detectable: Math.min(1, reach * error),
  };
}

const interval = ({ value, n }: Estimate): Interval => wilson(value * n, n);

/** Change of any value between samples that are taken as independent, from the width of their 95 % intervals. */
export function estimateChange(before: Estimate, after: Estimate): UnpairedChange {
  const errorOf = ({ low, high }: Estimate) => (high - low) / 2 / quantile;
  const difference = after.value - before.value;
  const error = Math.hypot(errorOf(before), errorOf(after));
  return {
    difference,
    low: difference - quantile * error,
    high: difference + quantile * error,
    p: twoSided(difference, error),
    detectable: reach * error,
  };
}

function twoSided(difference: number, error: number): number {
  if (error === 0) return difference === 0 ? 1 : 0;
  return 2 * normalTail(Math.abs(difference) / error);
}

/** The mean of several changes that are taken as independent. */
export function meanChange(changes: readonly UnpairedChange[]): UnpairedChange {
  const count = changes.length;
  const difference = changes.reduce((sum, change) => sum + change.difference, 0) / count;
  const squares = changes.reduce((sum, { low, high }) => sum + ((high - low) / 2 / quantile) ** 2, 0);
  const error = Math.sqrt(squares) / count;
  return {
    difference,
    low: difference - quantile * error,
    high: difference + quantile * error,
    p: twoSided(difference, error),
    detectable: reach * error,
  };
}
