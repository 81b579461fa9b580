import { percentile, resamples } from "../stats/bootstrap.ts";
import type { Interval } from "../stats/intervals.ts";
import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** How often each of n sentences is drawn in each of `draws` bootstrap resamples. [N B] float64 */
export function resampleCounts(n: number, draws: number, seed: number): Tensor {
  const counts = new Float64Array(n * draws);
  let draw = 0;
  for (const rows of resamples(n, draws, seed)) {
    for (const row of rows) counts[row * draws + draw]!++;
    draw++;
  }
  return tensor(counts, { shape: [n, draws], dtype: "float64" });
}

/** 95 % of the draws. */
export const band = (draws: Iterable<number>): Interval => {
  const values = Float64Array.from(draws);
  return { low: percentile(values, 0.025), high: percentile(values, 0.975) };
};

/**
 * 95 % of the draws, moved so that their mean is the estimate. For statistics of pairs of sentences, which a sentence that is drawn
 * twice biases.
 */
export function centredBand(draws: ArrayLike<number>, estimate: number): Interval {
  const values = Float64Array.from(draws);
  const shift = estimate - values.reduce((sum, value) => sum + value, 0) / values.length;
  return band(values.map((value) => value + shift));
}

/** Resampled means of a value per sentence, one list of draws per row. values: [M N], counts: [N B] → M lists of B */
export function resampledMeans(values: Tensor, counts: Tensor): Float64Array[] {
  const [n, draws] = counts.shape as [number, number];
  const flat = scope(() => ops.div(ops.matmul(values, counts), n).toArray() as Float64Array); // [M B]
  return Array.from({ length: values.size(0) }, (_, row) => flat.subarray(row * draws, (row + 1) * draws));
}

/** Σᵢⱼ wᵢ wⱼ kᵢⱼ for every draw's counts w. k: [N N] symmetric, counts: [N B] → B */
export const resampledForm = (k: Tensor, counts: Tensor): Float64Array =>
  noGrad(() => scope(() => ops.sum(ops.mul(counts, ops.matmul(k, counts)), [0]).toArray() as Float64Array));

/** Mean of kᵢⱼ over pairs of different sentences, for every draw; the diagonal of k counts for nothing. → B */
export function resampledPairMeans(k: Tensor, counts: Tensor): Float64Array {
  const n = counts.size(0);
  return scope(() => {
    const squares = ops.sum(ops.square(counts), [0]).toArray() as Float64Array; // Σ wᵢ²
    const own = ops.matmul(ops.unsqueeze(ops.diagonal(k), 0), ops.square(counts)).toArray() as Float64Array; // [1 B]
    return resampledForm(k, counts).map((sum, b) => (sum - own[b]!) / (n * n - squares[b]!));
  });
}
