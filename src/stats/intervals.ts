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
