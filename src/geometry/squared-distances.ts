import { ops, scope, type Tensor } from "../tensor/index.ts";

/** Squared Euclidean distances. x: [N D] → N × N, flat */
export function squaredDistances(x: Tensor): Float64Array {
  return scope(() => {
    const wide = ops.toDtype(x, "float64");
    const squares = ops.sum(ops.square(wide), [1], true); // [N 1]
    const products = ops.mul(ops.matmul(wide, ops.transpose(wide, 0, 1)), -2);
    return ops.add(ops.add(products, squares), ops.transpose(squares, 0, 1)).toArray() as Float64Array;
  });
}
