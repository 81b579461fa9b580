import type { Interval } from "./intervals.ts";
import { wilson } from "./intervals.ts";
import { mcnemarExact } from "./mcnemar.ts";

/** Two systems on the same items. */
export interface PairedAccuracy extends Interval {
  n: number;
  /** items that only the second system gets right */
  gained: number;
  /** items that only the first system gets right */
  lost: number;
  /** accuracy of the second system less that of the first; `low` and `high` are Newcombe's interval */
  difference: number;
  /** McNemar's exact two-sided p */
  p: number;
}

/**
 * Compares which items two systems get right, item by item. The interval is Newcombe's hybrid score interval for paired
 * proportions (1998, method 10): no resampling, so equal input always gives equal output.
 * @throws Error when the lists differ in length or are empty
 */
export function pairedAccuracy(
  before: readonly boolean[],
  after: readonly boolean[],
  confidence = 0.95,
): PairedAccuracy {
  const n = before.length;
  if (n === 0 || n !== after.length)
    throw new Error(`Paired accuracy: expected the same items twice, got ${n} and ${after.length}.`);
  const count = (first: boolean, second: boolean) =>
    before.filter((correct, i) => correct === first && after[i] === second).length;
  const [gained, lost] = [count(false, true), count(true, false)];
  return {
    n,
    gained,
    lost,
    difference: (gained - lost) / n,
    ...newcombe(count(true, true), gained, lost, count(false, false), confidence),
    p: mcnemarExact(gained, lost),
  };
}

/** Interval of (gained − lost) / n from the two accuracies' Wilson intervals and the correlation of the systems. */
export function newcombe(both: number, gained: number, lost: number, neither: number, confidence = 0.95): Interval {
  const n = both + gained + lost + neither;
  const second = (both + gained) / n;
  const first = (both + lost) / n;
  const secondInterval = wilson(both + gained, n, confidence);
  const firstInterval = wilson(both + lost, n, confidence);
  const correlation = phi(both, gained, lost, neither);
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  const difference = second - first;
  return {
    low: Math.max(-1, difference - reach(second - secondInterval.low, firstInterval.high - first)),
    high: Math.min(1, difference + reach(secondInterval.high - second, first - firstInterval.low)),
  };
}

/** Newcombe's φ: a positive numerator is corrected for continuity by n / 2, towards zero. */
function phi(both: number, gained: number, lost: number, neither: number): number {
  const margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither);
  if (margins === 0) return 0;
  const numerator = both * neither - gained * lost;
  const n = both + gained + lost + neither;
  return (numerator > 0 ? Math.max(numerator - n / 2, 0) : numerator) / Math.sqrt(margins);
}
