import { normalTail } from "./normal.ts";
import { ranks, ties } from "./ranks.ts";
import { pairwise } from "./student.ts";

/**
 * Wilcoxon's signed-rank test of first against second, two-sided, by its large-sample form; items without a difference
 * are left out (Wilcoxon 1945).
 * @throws Error when the lists differ in length
 */
export function wilcoxonP(first: readonly number[], second: readonly number[]): number {
  const differences = pairwise(first, second).filter((difference) => difference !== 0);
  const n = differences.length;
  if (n === 0) return 1;
  const sizes = differences.map(Math.abs);
  const ranked = ranks(sizes);
  const positive = ranked.reduce((sum, rank, i) => sum + (differences[i]! > 0 ? rank : 0), 0);
  const total = (n * (n + 1)) / 2;
  const tied = ties(sizes).reduce((sum, count) => sum + count ** 3 - count, 0);
  const error = Math.sqrt((n * (n + 1) * (2 * n + 1) - tied / 2) / 24);
  const smaller = Math.min(positive, total - positive);
  return Math.min(1, 2 * normalTail(Math.abs(smaller - total / 2) / error));
}
