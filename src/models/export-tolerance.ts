import { type Dtype, deriveSeed, manualSeed, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import type { Model } from "./model.ts";

/** Largest relative error of rounding to nearest: 2 to the minus number of significant bits. */
const roundoff: Partial<Record<Dtype, number>> = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

/** One draw of noise stands for another, so the bound is a few times what the draw did. */
const margin = 8;

/** Relative deviation of the noise: far above float32's own errors, and small enough to act in proportion. */
export const noise = 2 ** -10;

/** Rows of a matrix that get their noise at once, in entries: an embedding is large. */
const entriesAtOnce = 2 ** 24;

/** Multiplies a matrix' entries by 1 + `noise` · N(0, 1), in place. */
function addNoiseTo(weight: Tensor): void {
  const rows = weight.size(0);
  const step = Math.max(1, Math.floor((entriesAtOnce * rows) / weight.shape.reduce((product, n) => product * n, 1)));
  for (let start = 0; start < rows; start += step)
    scope(() => {
      const part = ops.narrow(weight, 0, start, Math.min(step, rows - start));
      const relative = ops.zeros(part.shape, part.dtype, part.device);
      ops.normalInto(relative, 0, noise);
      ops.addInto(part, ops.mul(part, relative));
    });
}

/** Adds noise to every matrix of a model, for good, by a fixed seed. */
export function addNoise(model: Model): void {
  manualSeed(deriveSeed(0));
  for (const [, weight] of model.parameters()) if (weight.shape.length > 1) noGrad(() => addNoiseTo(weight));
}

/**
 * What float32 arithmetic explains where the same sums of D products are made in another order, as when W x + s B A x becomes
 * (W + s B A) x: errors behave like a random walk, so a product's is about √D roundoffs. `sensitivity`: by how much a relative
 * error of all weights moves the outputs, measured with noise, as models differ in it by more than their depth says.
 */
export const arithmeticTolerance = (sensitivity: number, width: number): number =>
  margin * sensitivity * roundoff.float32! * Math.sqrt(width);

/** What rounding the weights once explains; `rounded`: types of the matrices that it changed. */
export const roundingTolerance = (sensitivity: number, rounded: readonly Dtype[]): number =>
  margin * sensitivity * Math.max(0, ...rounded.map((dtype) => roundoff[dtype] ?? 0));
