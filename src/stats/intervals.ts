import { betaQuantile } from "./beta.ts";
import { normalQuantile } from "./normal.ts";

export interface Interval {
  low: number;
  high: number;
}

/**
 * Wilson's score interval of a proportion, the default for accuracies (Wilson 1927). `successes` may be fractional.
 * @throws Error unless 0 ≤ successes ≤ trials and trials > 0
 */
export function wilson(successes: number, trials: number, confidence = 0.95): Interval {
  check(successes, trials);
  const z = normalQuantile(0.5 + confidence / 2);
  const centre = successes + (z * z) / 2;
  const half = z * Math.sqrt((successes * (trials - successes)) / trials + (z * z) / 4);
  const total = trials + z * z;
  return {
    low: successes === 0 ? 0 : (centre - half) / total,
    high: successes === trials ? 1 : (centre + half) / total,
  };
}

/**
 * Wilson's interval with correction for continuity: wider, and seldom covers less than it says (Newcombe 1998, method 4).
 * @throws Error unless 0 ≤ successes ≤ trials and trials > 0
 */
export function wilsonContinuity(successes: number, trials: number, confidence = 0.95): Interval {
  check(successes, trials);
  const z = normalQuantile(0.5 + confidence / 2);
  const share = successes / trials;
  const total = 2 * (trials + z * z);
  const centre = 2 * successes + z * z;
  const half = (sign: 1 | -1) =>
    1 + z * Math.sqrt(z * z - sign * 2 - 1 / trials + 4 * share * (trials * (1 - share) + sign));
  return {
    low: successes === 0 ? 0 : (centre - half(1)) / total,
    high: successes === trials ? 1 : (centre + half(-1)) / total,
  };
}

/**
 * The "exact" interval, which covers at least as often as it says (Clopper and Pearson 1934). Whole counts only.
 * @throws Error unless 0 ≤ successes ≤ trials and trials > 0
 */
export function clopperPearson(successes: number, trials: number, confidence = 0.95): Interval {
  check(successes, trials);
  const tail = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    high: successes === trials ? 1 : 1 - betaQuantile(tail, trials - successes, successes + 1),
  };
}

function check(successes: number, trials: number): void {
  if (!(trials > 0 && successes >= 0 && successes <= trials))
    throw new Error(`Interval of a proportion: expected 0 ≤ successes ≤ trials, got ${successes} of ${trials}.`);
}
