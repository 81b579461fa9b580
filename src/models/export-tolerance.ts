import type { Dtype } from "../tensor/index.ts";

/** Largest relative error of rounding to nearest: 2 to the minus number of significant bits. */
const roundoff: Partial<Record<Dtype, number>> = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

/** Above what is measured: the largest of all logits is several standard deviations out, and deep models amplify. */
const margin = 8;

/**
 * The same sums of D products in another order, as when W x + s B A x becomes (W + s B A) x, in each of n layers. Rounding errors
 * of float32 behave like a random walk, so they grow with √(n D). Relative to the largest logit.
 */
export const arithmeticTolerance = (layers: number, width: number): number =>
  margin * roundoff.float32! * Math.sqrt(Math.max(layers, 1) * width);

/**
 * Rounding a matrix to a narrower type changes its product by about one roundoff, relative to the product, whatever the matrix'
 * size; n matrices add up like a random walk. `rounded`: types of the matrices that rounding changed. Relative to the largest logit.
 */
export const roundingTolerance = (rounded: readonly Dtype[]): number =>
  margin * Math.sqrt(rounded.reduce((sum, dtype) => sum + (roundoff[dtype] ?? 0) ** 2, 0));
