import { ops, scope, type Tensor } from "../tensor/index.ts";

/** Which columns are among each row's k largest entries. [N M] → [N M] of 0 and 1, float64 */
export function nearestFlags(scores: Tensor, k: number): Tensor {
  return scope(() => {
    const [, indices] = ops.topk(scores, Math.min(k, scores.size(1)));
    const flags = ops.zeros(scores.shape, "float64", scores.device);
    return ops.scatter(flags, 1, indices, ops.ones(indices.shape, "float64", scores.device));
  });
}

/** Skewness of counts, third central moment over the deviation cubed; 0 where all are equal. */
export function skewness(counts: ArrayLike<number>): number {
  const n = counts.length;
  const values = Array.from(counts);
  const centre = values.reduce((sum, value) => sum + value, 0) / n;
  const moment = (power: number) => values.reduce((sum, value) => sum + (value - centre) ** power, 0) / n;
  const variance = moment(2);
  return variance === 0 ? 0 : moment(3) / variance ** 1.5;
}

/**
 * Hubness: the skewness of how often each target is among the k nearest of the sources (Radovanović et al. 2010). Large where a few
 * sentences are the neighbours of all. flags: `nearestFlags`
 */
export const hubness = (flags: Tensor): number => skewness(scope(() => ops.sum(flags, [0]).toArray() as Float64Array));

/** Hubness where the sources are resampled. flags: [N M], counts: [N B] → B */
export function resampledHubness(flags: Tensor, counts: Tensor): number[] {
  const [draws, targets] = [counts.size(1), flags.size(1)];
  const flat = scope(() => ops.matmul(ops.contiguous(ops.transpose(counts, 0, 1)), flags).toArray() as Float64Array); // [B M]
  return Array.from({ length: draws }, (_, b) => skewness(flat.subarray(b * targets, (b + 1) * targets)));
}
