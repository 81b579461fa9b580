import { percentile } from "./bootstrap.ts";
import { drawnItems } from "./drawn.ts";
import type { Interval } from "./intervals.ts";
import { deviation, mean } from "./spread.ts";
import { pairwise } from "./student.ts";

export interface BootstrappedDifference extends Interval {
  /** mean of first − second */
  observed: number;
  /** mean and standard deviation over the resampled means; `low` and `high` are their percentiles */
  mean: number;
  deviation: number;
  /** share of resampled means that are not above zero */
  notAbove: number;
}

/**
 * The mean difference of two systems over items drawn with replacement, the same items for both; draws are those of
 * NumPy's `default_rng(seed).choice(n, (draws, n))`.
 * @throws Error when the lists differ in length or are empty
 */
export function pairedBootstrap(
  first: readonly number[],
  second: readonly number[],
  { draws = 1000, seed = 12345, confidence = 0.95 }: { draws?: number; seed?: number; confidence?: number } = {},
): BootstrappedDifference {
  const differences = pairwise(first, second);
  const n = differences.length;
  const observed = mean(differences);
  const drawn = drawnItems(n, draws, seed);
  const means = Array.from({ length: draws }, (_, draw) => {
    let sum = 0;
    for (let i = draw * n; i < (draw + 1) * n; i++) sum += differences[drawn[i]!]!;
    return sum / n;
  });
  return {
    observed,
    mean: mean(means),
    deviation: deviation(means),
    low: percentile(means, (1 - confidence) / 2),
    high: percentile(means, (1 + confidence) / 2),
    notAbove: means.filter((value) => value <= 0).length / draws,
  };
}
