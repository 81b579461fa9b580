import type { Interval } from "./intervals.ts";
import { integer } from "./random.ts";

/** The value below which a share (0–1) of the values lies, with linear interpolation as in NumPy's `percentile`. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new Error("Percentile of no values.");
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** `count` times n indices drawn with replacement from 0 … n − 1: a pure function of its arguments. */
export function* resamples(n: number, count: number, seed: number): Generator<Int32Array> {
  for (let draw = 0; draw < count; draw++) yield Int32Array.from({ length: n }, (_, i) => integer(n, seed, draw, i));
}

/** Percentile interval of a statistic over resampled items (Efron 1979). */
export function bootstrapInterval(
  draws: Iterable<Int32Array>,
  statistic: (indices: Int32Array) => number,
  confidence = 0.95,
): Interval {
  const values = Array.from(draws, statistic);
  return { low: percentile(values, (1 - confidence) / 2), high: percentile(values, (1 + confidence) / 2) };
}

/**
 * 95 % interval of Σ numerators / Σ denominators, such as bits per byte, over resampled items.
 * @throws Error when the lists differ in length or are empty
 */
export function bootstrapRatio(
  numerators: readonly number[],
  denominators: readonly number[],
  { draws = 1000, seed = 0 }: { draws?: number; seed?: number } = {},
): Interval {
  const n = numerators.length;
  if (n === 0 || n !== denominators.length)
    throw new Error(
      `Bootstrap of a ratio: expected as many numerators as denominators, got ${n} and ${denominators.length}.`,
    );
  return bootstrapInterval(resamples(n, draws, seed), (rows) => {
    let above = 0;
    let below = 0;
    for (const row of rows) {
      above += numerators[row]!;
      below += denominators[row]!;
    }
    return above / below;
  });
}
