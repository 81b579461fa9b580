import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** How much of the mean variance is added to every direction, so that few pairs do not decide on directions they hardly use. */
const shrinkage = 0.1;

/** A linear map of states, the same for all languages. [N D] → [N K] float64 */
export interface LinearMap {
  apply(x: Tensor): Tensor;
  dispose(): void;
}

/** Aᵀ A / n. [n D] → [D D] */
const covariance = (a: Tensor, n: number): Tensor => ops.div(ops.matmul(ops.transpose(a, 0, 1), a), n);

/** The variance within pairs, of difference / √2, with the mean variance's share on every direction. [n D] → [D D] */
function within(difference: Tensor): Tensor {
  const width = difference.size(1);
  const scatter = covariance(difference, 2 * difference.size(0));
  const variances = ops.diagonal(scatter).toArray() as Float64Array;
  const added = (shrinkage * variances.reduce((a, b) => a + b, 0)) / width || 1;
  ops.addInto(ops.diagonal(scatter), tensor(new Float64Array(width).fill(added), { dtype: "float64" }));
  return scatter;
}

/** How much a direction counts: √(β ÷ (β + 1)), where its middles vary by β + ½. The middle of two keeps half of what is within pairs. */
const weight = (variance: number): number => {
  const between = Math.max(0, variance - 0.5);
  return Math.sqrt(between / (between + 1));
};

const row = (values: readonly number[]): Tensor =>
  tensor(Float64Array.from(values), { shape: [1, values.length], dtype: "float64" });

/** The map where there are at least as many pairs as directions: whitened by W, then along the axes of B. → [D D] */
function alongDirections(w: Tensor, middle: Tensor): Tensor {
  const [values, vectors] = ops.eigh(w);
  const whiten = ops.mul(vectors, ops.unsqueeze(ops.rsqrt(values), 0));
  const [variances, axes] = ops.eigh(covariance(ops.matmul(middle, whiten), middle.size(0)));
  return ops.mul(ops.matmul(whiten, axes), row(Array.from(variances.toArray() as Float64Array, weight)));
}

/** The same map from the products of the n pairs, where they are fewer than the directions and so span all that counts. → [D n] */
function alongPairs(w: Tensor, middle: Tensor): Tensor {
  const n = middle.size(0);
  const solved = ops.solve(w, ops.transpose(middle, 0, 1)); // W⁻¹ Mᵀ, [D n]
  const [variances, axes] = ops.eigh(ops.div(ops.matmul(middle, solved), n));
  const lengths = Array.from(variances.toArray() as Float64Array, (variance) =>
    weight(variance) === 0 ? 0 : weight(variance) / Math.sqrt(n * variance),
  );
  return ops.mul(ops.matmul(solved, axes), row(lengths));
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
      const w = within(ops.sub(u, v)); // [D D]
      const middle = ops.sub(ops.div(ops.add(u, v), 2), centre); // [N D]
      const found = middle.size(0) < middle.size(1) ? alongPairs(w, middle) : alongDirections(w, middle);
      return { mean: centre.retain(), map: found.retain() };
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
