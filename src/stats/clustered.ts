import type { Interval } from "./intervals.ts";
import { normalQuantile, normalTail } from "./normal.ts";

export interface ClusteredMean extends Interval {
  mean: number;
  /** two-sided, of a mean of zero */
  p: number;
}

/**
 * Mean of values with an interval and a test that allow for values belonging together, such as one sentence in several
 * languages: the cluster-robust standard error with k/(k − 1), and the normal distribution.
 * @throws Error when there is no value, or not one cluster per value
 */
export function clusteredMean(
  values: readonly number[],
  clusters: readonly string[],
  confidence = 0.95,
): ClusteredMean {
  const n = values.length;
  if (n === 0 || clusters.length !== n)
    throw new Error(
      `Clustered mean: expected a cluster for each value, got ${n} values and ${clusters.length} clusters.`,
    );
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const sums = new Map<string, number>();
  values.forEach((value, i) => {
    sums.set(clusters[i]!, (sums.get(clusters[i]!) ?? 0) + value - mean);
  });
  const squares = [...sums.values()].reduce((sum, value) => sum + value * value, 0);
  const error = Math.sqrt((squares * sums.size) / Math.max(1, sums.size - 1)) / n;
  const z = normalQuantile(0.5 + confidence / 2);
  const p = error === 0 ? (mean === 0 ? 1 : 0) : 2 * normalTail(Math.abs(mean) / error);
  return { mean, low: mean - z * error, high: mean + z * error, p };
}
