import { normalTail } from "./normal.ts";
import { ties } from "./ranks.ts";

export interface Kendall {
  /** τ-b, which allows for ties; NaN where one side is constant */
  b: number;
  /** τ-c, for sides with different numbers of values */
  c: number;
  /** two-sided, of no association: exact for up to 33 pairs without ties, else by the normal distribution */
  p: number;
}

/**
 * Kendall's rank correlation.
 * @throws Error when the lists differ in length or have fewer than two values
 */
export function kendall(x: readonly number[], y: readonly number[]): Kendall {
  const n = x.length;
  if (n !== y.length || n < 2)
    throw new Error(`Kendall's τ: expected at least two pairs of values, got ${n} and ${y.length} values.`);
  const pairs = (n * (n - 1)) / 2;
  let [agreeing, opposed] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const sign = Math.sign(x[i]! - x[j]!) * Math.sign(y[i]! - y[j]!);
      if (sign > 0) agreeing++;
      if (sign < 0) opposed++;
    }
  const tied = (values: readonly number[]) => ties(values).reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const [tiedX, tiedY] = [tied(x), tied(y)];
  if (tiedX === pairs || tiedY === pairs) return { b: Number.NaN, c: Number.NaN, p: Number.NaN };
  const difference = agreeing - opposed;
  const classes = Math.min(new Set(x).size, new Set(y).size);
  const fewest = Math.min(opposed, pairs - opposed);
  const exact = tiedX === 0 && tiedY === 0 && (n <= 33 || fewest <= 1);
  return {
    b: difference / Math.sqrt(pairs - tiedX) / Math.sqrt(pairs - tiedY),
    c: (2 * difference) / (n ** 2 * ((classes - 1) / classes)),
    p: exact ? exactP(n, fewest) : largeSampleP(x, y, difference),
  };
}

/** Twice the share of the orders of n that have at most so many pairs the wrong way round. */
function exactP(n: number, opposed: number): number {
  if (4 * opposed >= n * (n - 1)) return 1;
  // share of the orders of j items by number of inversions, item after item
  let shares = [1];
  for (let j = 2; j <= n; j++)
    shares = Array.from({ length: opposed + 1 }, (_, count) => {
      let sum = 0;
      for (let inversions = Math.max(0, count - j + 1); inversions <= count; inversions++)
        sum += shares[inversions] ?? 0;
      return sum / j;
    });
  return Math.min(1, 2 * shares.reduce((sum, share) => sum + share, 0));
}

function largeSampleP(x: readonly number[], y: readonly number[], difference: number): number {
  const n = x.length;
  const m = n * (n - 1);
  const moments = (values: readonly number[]) => {
    const counts = ties(values);
    const sum = (term: (count: number) => number) => counts.reduce((total, count) => total + term(count), 0);
    return {
      pairs: sum((count) => (count * (count - 1)) / 2),
      triples: sum((count) => count * (count - 1) * (count - 2)),
      spread: sum((count) => count * (count - 1) * (2 * count + 5)),
    };
  };
  const [a, b] = [moments(x), moments(y)];
  const variance =
    (m * (2 * n + 5) - a.spread - b.spread) / 18 +
    (2 * a.pairs * b.pairs) / m +
    (a.triples * b.triples) / (9 * m * (n - 2));
  return Math.min(1, 2 * normalTail(Math.abs(difference) / Math.sqrt(variance)));
}
