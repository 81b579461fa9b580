import { gradEnabled, ops, type Tensor } from "../tensor/index.ts";

/** Rows of weight per product. */
const strip = 256;
/** From here on the plain product is as fast. */
const mostRows = 24;

/**
 * Whether x Wᵀ is a product of few rows, as when texts grow by one token: the CPU library then spends its time on packing the
 * weight. Cut into strips, each a product of its own, it takes half the time (docs/log.md).
 */
export function isSkinny(x: Tensor, weight: Tensor): boolean {
  const [output, input] = weight.shape as [number, number];
  if (gradEnabled() || output < 2 * strip) return false;
  const rows = x.shape.reduce((product, size) => product * size, 1) / input;
  return rows <= mostRows && x.device === "cpu" && x.dtype === "float32" && weight.dtype === "float32";
}

/** x Wᵀ + b by strips of W. [… in] → [… out] */
export function skinnyLinear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [output, input] = weight.shape as [number, number];
  const flat = ops.reshape(x, [-1, input]);
  const rows = flat.size(0);
  const strips = Math.floor(output / strip);
  const whole = strips * strip;
  const cut = ops.view(whole === output ? weight : ops.narrow(weight, 0, 0, whole), [strips, strip, input]);
  const products = ops.bmm(ops.expand(flat, [strips, rows, input]), ops.transpose(cut, 1, 2)); // [strips rows strip]
  let y = ops.reshape(ops.transpose(products, 0, 1), [rows, whole]);
  if (whole < output) y = ops.cat([y, ops.linearOp(flat, ops.narrow(weight, 0, whole, output - whole))], 1);
  if (bias !== undefined) ops.addInto(y, bias);
  return x.shape.length === 2 ? y : ops.view(y, [...x.shape.slice(0, -1), output]);
}
