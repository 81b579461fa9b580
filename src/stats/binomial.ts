/** ln(n!) by Stirling's series, exact sums below 16; relative error below 1e-15. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  return (n + 0.5) * Math.log(n) - n + Math.log(2 * Math.PI) / 2 + stirlingRest(n);
}

/** What Stirling's formula leaves out of ln(n!). */
function stirlingRest(n: number): number {
  const s = 1 / (n * n);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / n;
}

/** Probability of exactly k successes in n trials of probability p. */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p === 0 || p === 1) return k === n * p ? 1 : 0;
  const logChoices = logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  return Math.exp(logChoices + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** Probability of at most k successes in n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  let total = 0;
  for (let i = 0; i <= k; i++) total += binomialPmf(i, n, p);
  return Math.min(1, total);
}
