import { ops, type Tensor } from "../tensor/index.ts";

export interface LayerNorm {
  /** [D] */
  weight: Tensor;
  /** [D] */
  bias: Tensor;
}

/** (x − mean) / √(variance + ε) · weight + bias over the last dimension. [… D] → [… D] */
export function layerNorm(p: LayerNorm, x: Tensor, epsilon = 1e-5): Tensor {
  return ops.layerNormOp(x, [x.size(-1)], p.weight, p.bias, epsilon);
}
