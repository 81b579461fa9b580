import { logGamma } from "./gamma.ts";

/** Probability of exactly k successes in n trials of probability p. */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p === 0 || p === 1) return k === n * p ? 1 : 0;
  const logChoices = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Math.exp(logChoices + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** Probability of at most k successes in n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  let total = 0;
  for (let i = 0; i <= k; i++) total += binomialPmf(i, n, p);
  return Math.min(1, total);
}
