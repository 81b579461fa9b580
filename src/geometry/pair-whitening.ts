import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** How much of the mean variance is added to every direction, so that few pairs do not decide on directions they hardly use. */
const shrinkage = 0.1;

/** A linear map of states, the same for all languages. [N D] → [N D] float64 */
export interface LinearMap {
  apply(x: Tensor): Tensor;
  dispose(): void;
}

/**
 * The linear map that closes the gap between translations at once: each direction is divided by how much translations differ along it
 * (within-class whitening with a pair as a class, Hatch et al. 2006), so that what tells languages apart counts little and what tells
 * sentences apart counts much. What contrastive learning at this place could reach with a linear step. x, y: [N D], row i translates
 * the other
 */
export function pairWhitening(x: Tensor, y: Tensor): LinearMap {
  const { mean, map } = noGrad(() =>
    scope(() => {
      const [u, v] = [ops.toDtype(x, "float64"), ops.toDtype(y, "float64")];
      const n = u.size(0);
      const difference = ops.sub(u, v);
      const within = ops.div(ops.matmul(ops.transpose(difference, 0, 1), difference), 2 * n); // [D D]
      const [values, vectors] = ops.eigh(within);
      const spectrum = (values.toArray() as Float64Array).map((value) => Math.max(0, value));
      const floor = (shrinkage * spectrum.reduce((a, b) => a + b, 0)) / spectrum.length || 1;
      const scale = ops.rsqrt(ops.add(ops.clampMin(values, 0), floor)); // [D]
      return {
        mean: ops.mean(ops.cat([u, v]), [0], true).retain(),
        map: ops.mul(vectors, ops.unsqueeze(scale, 0)).retain(),
      };
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
