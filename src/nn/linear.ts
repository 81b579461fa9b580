import { ops, type Tensor } from "../tensor/index.ts";
import { product } from "./half-product.ts";
import { isSkinny, skinnyLinear } from "./skinny.ts";

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
  /** weight is [in out], as GPT-2 stores it */
  transposed?: true;
  /** [out] */
  bias?: Tensor;
  lora?: Lora;
}

/** The sizes of an affine map. */
export function linearSizes({ weight, transposed }: Linear): { output: number; input: number } {
  const [first, second] = weight.shape as [number, number];
  return transposed ? { output: second, input: first } : { output: first, input: second };
}

function base({ weight, bias, transposed }: Linear, x: Tensor): Tensor {
  const matrix = transposed ? ops.transpose(weight, 0, 1) : weight;
  const multiply = (x: Tensor, matrix: Tensor, bias?: Tensor) =>
    !transposed && isSkinny(x, matrix) ? skinnyLinear(x, matrix, bias) : ops.linearOp(x, matrix, bias);
  return product(multiply, ...(bias === undefined ? [x, matrix] : [x, matrix, bias]));
}

/** x Wᵀ + b, and the LoRA update where there is one. [… in] → [… out] */
export function linear(p: Linear, x: Tensor, training = false): Tensor {
  const y = base(p, x);
  if (p.lora === undefined) return y;
  const { a, b, scale, dropout } = p.lora;
  const input = training && dropout > 0 ? ops.dropoutOp(x, dropout, true) : x;
  return ops.add(y, ops.mul(product(ops.linearOp, product(ops.linearOp, input, a), b), scale));
}

/** W + scale · B A: the weight that does without the LoRA leaf. [out in], or [in out] where it is stored transposed */
export function mergedWeight({ weight, transposed, lora }: Linear): Tensor {
  if (lora === undefined) return weight;
  const delta = ops.mm(lora.b, lora.a); // [out in]
  return ops.add(weight, ops.mul(transposed ? ops.transpose(delta, 0, 1) : delta, lora.scale));
}
