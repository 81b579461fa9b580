import { ops, type Tensor } from "../tensor/index.ts";

export interface LayerNorm {
  /** [D] */
  weight: Tensor;
  /** [D] */
  bias: Tensor;
}

/** (x − mean) / √(variance + ε) · weight + bias over the last dimension. [… D] → [… D] */
export function layerNorm(p: LayerNorm, x: Tensor, epsilon = 1e-5): Tensor {
  // of another type where an adapter brings a float32 embedding to a bfloat16 base
  const like = (vector: Tensor) => (vector.dtype === x.dtype ? vector : ops.toDtype(vector, x.dtype));
  return ops.layerNormOp(x, [x.size(-1)], like(p.weight), like(p.bias), epsilon);
}
