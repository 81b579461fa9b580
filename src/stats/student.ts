import { betaCdf } from "./beta.ts";
import { mean, standardError } from "./spread.ts";

/** Probability that Student's t of so many degrees of freedom exceeds t. */
export function studentTail(t: number, degrees: number): number {
  if (t < 0) return 1 - studentTail(-t, degrees);
  return betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/**
 * The paired t-test of first against second, two-sided.
 * @throws Error when the lists differ in length or have fewer than two values
 */
export function pairedT(first: readonly number[], second: readonly number[]): { t: number; p: number } {
  const differences = pairwise(first, second);
  const error = standardError(differences);
  const centre = mean(differences);
  if (error === 0)
    return { t: centre === 0 ? 0 : Math.sign(centre) * Number.POSITIVE_INFINITY, p: centre === 0 ? 1 : 0 };
  const t = centre / error;
  return { t, p: 2 * studentTail(Math.abs(t), differences.length - 1) };
}

/** first − second, item by item. */
export function pairwise(first: readonly number[], second: readonly number[]): number[] {
  if (first.length !== second.length)
    throw new Error(`Paired test: expected the same items twice, got ${first.length} and ${second.length}.`);
  return first.map((value, i) => value - second[i]!);
}
