import { ops, type Tensor } from "../tensor/index.ts";

/** A low-rank update of one weight: y += scale · B A x (Hu et al. 2022). */
export interface Lora {
  /** [r in] */
  a: Tensor;
  /** [out r] */
  b: Tensor;
  /** α / r, or α / √r for rank-stabilised LoRA */
  scale: number;
  /** probability of dropping an input of A while training */
  dropout: number;
}

/** An affine map; LoRA is one optional leaf that only this file reads. */
export interface Linear {
  /** [out in] */
  weight: Tensor;
  bias?: Tensor;
  lora?: Lora;
}

/** x Wᵀ + b, and the LoRA update where there is one. [… in] → [… out] */
export function linear(p: Linear, x: Tensor, training = false): Tensor {
  const y = ops.linearOp(x, p.weight, p.bias);
  if (p.lora === undefined) return y;
  const { a, b, scale, dropout } = p.lora;
  const input = training && dropout > 0 ? ops.dropoutOp(x, dropout, true) : x;
  return ops.add(y, ops.mul(ops.linearOp(ops.linearOp(input, a), b), scale));
}

/** W + scale · B A: the weight that does without the LoRA leaf. [out in] */
export function mergedWeight({ weight, lora }: Linear): Tensor {
  return lora === undefined ? weight : ops.add(weight, ops.mul(ops.mm(lora.b, lora.a), lora.scale));
}
