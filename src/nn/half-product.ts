import { autocast, autocastDtype, type Dtype, multipliesHalf, ops, scope, type Tensor } from "../tensor/index.ts";

/**
 * The half type that a product with x is in, where this CPU has no units for it: libtorch then multiplies element by element
 * and takes eight times as long as in float32. Undefined where the plain product is the right one.
 */
export function slowHalf(x: Tensor): Dtype | undefined {
  if (x.device !== "cpu") return undefined;
  const type = autocastDtype() ?? x.dtype;
  return (type === "bfloat16" || type === "float16") && !multipliesHalf(type) ? type : undefined;
}

/** x rounded to a half type, in float32. */
export const rounded = (x: Tensor, type: Dtype): Tensor => scope(() => ops.toDtype(ops.toDtype(x, type), "float32"));

/**
 * A product in the type that autocast or the operands ask for. Of half operands float32 holds every product exactly, so a CPU
 * without units for them multiplies in float32 and rounds the sums, as the units do.
 */
export function product(multiply: (...operands: Tensor[]) => Tensor, ...operands: Tensor[]): Tensor {
  const type = slowHalf(operands[0]!);
  if (type === undefined) return multiply(...operands);
  const wide = () => ops.toDtype(multiply(...operands.map((x) => rounded(x, type))), type);
  return scope(() => autocast("cpu", "float32", wide));
}
