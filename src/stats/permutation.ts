import { drawnCoins } from "./drawn.ts";
import { mean } from "./spread.ts";
import { pairwise } from "./student.ts";

/** How often a mean difference at least as large comes up when each item's sign is a coin's. */
export interface SignFlips {
  /** mean of first − second */
  observed: number;
  greater: number;
  less: number;
  /** twice the smaller of the two, as SciPy has it */
  twoSided: number;
  /** share of sign patterns with a mean as far from zero */
  absolute: number;
  /** all sign patterns were looked at, not a sample of them */
  exact: boolean;
}

/** Up to so many items every sign pattern is looked at. */
const mostExact = 16;

/**
 * Paired permutation test of first against second (Fisher 1935). Beyond 16 items patterns are drawn, the observed one
 * among them.
 * @throws Error when the lists differ in length or are empty
 */
export function signFlips(
  first: readonly number[],
  second: readonly number[],
  { draws = 10_000, seed = 12345 }: { draws?: number; seed?: number } = {},
): SignFlips {
  const differences = pairwise(first, second);
  const observed = mean(differences);
  const total = observed * differences.length;
  // sums in another order differ in their last bits
  const slack = 1e-12 * differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const exact = differences.length <= mostExact;
  const counts = { all: exact ? 0 : 1, greater: exact ? 0 : 1, less: exact ? 0 : 1, absolute: exact ? 0 : 1 };
  for (const sum of exact ? everySum(differences) : drawnSums(differences, draws, seed)) {
    counts.all++;
    if (sum >= total - slack) counts.greater++;
    if (sum <= total + slack) counts.less++;
    if (Math.abs(sum) >= Math.abs(total) - slack) counts.absolute++;
  }
  const [greater, less] = [counts.greater / counts.all, counts.less / counts.all];
  const twoSided = Math.min(1, 2 * Math.min(greater, less));
  return { observed, greater, less, twoSided, absolute: counts.absolute / counts.all, exact };
}

function* everySum(differences: readonly number[]): Generator<number> {
  for (let pattern = 0; pattern < 2 ** differences.length; pattern++)
    yield differences.reduce((sum, difference, i) => sum + ((pattern >> i) & 1 ? difference : -difference), 0);
}

function* drawnSums(differences: readonly number[], draws: number, seed: number): Generator<number> {
  const n = differences.length;
  const coins = drawnCoins(n, draws, seed);
  for (let draw = 0; draw < draws; draw++)
    yield differences.reduce((sum, each, i) => sum + (coins[draw * n + i] === 1 ? each : -each), 0);
}
