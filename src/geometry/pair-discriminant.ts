import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** How much of the mean variance is added to every direction, so that few pairs do not decide on directions they hardly use. */
const shrinkage = 0.1;

/** A linear map of states, the same for all languages. [N D] → [N D] float64 */
export interface LinearMap {
  apply(x: Tensor): Tensor;
  dispose(): void;
}

/** Aᵀ A / n. [n D] → [D D] */
const covariance = (a: Tensor, n: number): Tensor => ops.div(ops.matmul(ops.transpose(a, 0, 1), a), n);

/** Divides each direction by how much it differs within pairs: [n D] → [D D] */
function whitening(difference: Tensor): Tensor {
  const [values, vectors] = ops.eigh(covariance(difference, 2 * difference.size(0)));
  const spectrum = (values.toArray() as Float64Array).map((value) => Math.max(0, value));
  const added = (shrinkage * spectrum.reduce((a, b) => a + b, 0)) / spectrum.length || 1;
  return ops.mul(vectors, ops.unsqueeze(ops.rsqrt(ops.add(ops.clampMin(values, 0), added)), 0));
}

/**
 * The linear map that closes the gap between translations at once. A pair is a class of two: each direction is divided by how much
 * translations differ along it and weighted by the share β / (β + 1) of what tells pairs apart, β being the variance between pairs in
 * units of that within them (probabilistic linear discriminant analysis, Ioffe 2006, in closed form). What tells languages apart
 * counts little, what tells sentences apart counts much; pairs that belong together by chance leave nothing to weigh.
 * x, y: [N D], row i translates the other
 */
export function pairDiscriminant(x: Tensor, y: Tensor): LinearMap {
  const { mean, map } = noGrad(() =>
    scope(() => {
      const [u, v] = [ops.toDtype(x, "float64"), ops.toDtype(y, "float64")];
      const centre = ops.mean(ops.cat([u, v]), [0], true); // [1 D]
      const whiten = whitening(ops.sub(u, v)); // [D D]
      const middle = ops.matmul(ops.sub(ops.div(ops.add(u, v), 2), centre), whiten); // [N D]
      const [values, vectors] = ops.eigh(covariance(middle, u.size(0)));
      // the middle of two keeps half of the variance within pairs
      const between = (values.toArray() as Float64Array).map((value) => Math.max(0, value - 0.5));
      const weights = tensor(
        between.map((value) => Math.sqrt(value / (value + 1))),
        { shape: [1, between.length], dtype: "float64" },
      );
      return { mean: centre.retain(), map: ops.mul(ops.matmul(whiten, vectors), weights).retain() };
    }),
  );
  return {
    apply: (states) => noGrad(() => scope(() => ops.matmul(ops.sub(ops.toDtype(states, "float64"), mean), map))),
    dispose() {
      mean.dispose();
      map.dispose();
    },
  };
}
