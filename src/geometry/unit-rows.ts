import { ops, type Tensor } from "../tensor/index.ts";

/** Rows scaled to length 1, in float64; a row of zeros stays. [N D] → [N D] */
export function unitRows(x: Tensor): Tensor {
  const wide = ops.toDtype(x, "float64");
  return ops.div(wide, ops.clampMin(ops.normAlong(wide, 2, [1], true), 1e-300));
}
