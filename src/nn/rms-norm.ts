import { ops, type Tensor } from "../tensor/index.ts";

export interface RmsNorm {
  /** [D] */
  weight: Tensor;
}

/** x / √(mean(x²) + ε) over the last dimension, in float32. [… D] → [… D] float32 */
function normalised(x: Tensor, epsilon: number): Tensor {
  const wide = ops.toDtype(x, "float32");
  return ops.mul(wide, ops.rsqrt(ops.add(ops.mean(ops.square(wide), [-1], true), epsilon)));
}

/** RMSNorm (Zhang & Sennrich 2019) as Llama has it: cast back to x's type, then times the weight. [… D] → [… D] */
export function rmsNorm(p: RmsNorm, x: Tensor, epsilon: number): Tensor {
  return ops.mul(p.weight, ops.toDtype(normalised(x, epsilon), x.dtype));
}

/** RMSNorm as Gemma has it: times 1 + weight in float32, then cast back. [… D] → [… D] */
export function offsetRmsNorm(p: RmsNorm, x: Tensor, epsilon: number): Tensor {
  const factor = ops.add(ops.toDtype(p.weight, "float32"), 1);
  return ops.toDtype(ops.mul(normalised(x, epsilon), factor), x.dtype);
}
