import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** Mean of kᵢⱼ over i ≠ j. k: [N N] */
function meanOfPairs(k: Tensor): number {
  const n = k.size(0);
  return scope(() => ops.sub(ops.sumAll(k), ops.sumAll(ops.diagonal(k))).item()) / (n * (n - 1));
}

/** exp(−2 · squared distance) of unit vectors with these cosines: the kernel of uniformity. [N N] → [N N] */
export const gaussianKernel = (cosines: Tensor): Tensor =>
  noGrad(() => scope(() => ops.exp(ops.mul(ops.sub(cosines, 1), 4))));

/**
 * Uniformity on the unit sphere with t = 2 (Wang and Isola 2020): log mean over different sentences of exp(−2 ‖x − y‖²). From 0, one
 * point, downwards: lower is more spread out. Takes `gaussianKernel`'s result.
 */
export const uniformity = (kernel: Tensor): number => Math.log(meanOfPairs(kernel));

/** Mean cosine of different sentences of one language: 0 where directions are used evenly, 1 where all states point one way (Ethayarajh 2019). */
export const anisotropy = (cosines: Tensor): number => meanOfPairs(cosines);

/**
 * Effective rank: e to the entropy of the singular values' shares (Roy and Vetterli 2007), of the rows' deviations from their mean.
 * From 1, a line, to min(N − 1, D). x: [N D]
 */
export function effectiveRank(x: Tensor): number {
  return noGrad(() =>
    scope(() => {
      const wide = ops.toDtype(x, "float64");
      const centred = ops.sub(wide, ops.mean(wide, [0], true));
      const [n, width] = x.shape as [number, number];
      const flipped = ops.transpose(centred, 0, 1);
      const gram = n < width ? ops.matmul(centred, flipped) : ops.matmul(flipped, centred);
      const singular = (ops.eigenvalues(gram).toArray() as Float64Array).map((value) => Math.sqrt(Math.max(0, value)));
      // what rounding leaves of zero is no direction
      const floor = singular.reduce((a, b) => Math.max(a, b), 0) * 1e-7;
      const kept = singular.filter((value) => value > floor);
      const total = kept.reduce((sum, value) => sum + value, 0);
      return total === 0
        ? 0
        : Math.exp(-kept.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0));
    }),
  );
}
