import { gradEnabled, ops, type Tensor } from "../tensor/index.ts";

/** Rows of weight per product, where the weight is cut. */
const strip = 256;
/** Outputs from which on strips are faster than one product: those of unembeddings. */
const manyOutputs = 8192;
/** From here on the plain product is as fast. */
const mostRows = 24;

/**
 * Whether x Wᵀ is a product of few rows, as when texts grow by one token: the CPU library then spends its time on packing the
 * weight, and other ways to the same product take half the time (docs/generation.md).
 */
export function isSkinny(x: Tensor, weight: Tensor): boolean {
  if (gradEnabled()) return false;
  const rows = x.shape.reduce((product, size) => product * size, 1) / weight.size(1);
  return rows <= mostRows && x.device === "cpu" && x.dtype === "float32" && weight.dtype === "float32";
}

/** x Wᵀ as one batch of products with strips of W. [B in] → [B out] */
function byStrips(x: Tensor, weight: Tensor): Tensor {
  const [output, input] = weight.shape as [number, number];
  const rows = x.size(0);
  const strips = Math.floor(output / strip);
  const whole = strips * strip;
  const cut = ops.view(whole === output ? weight : ops.narrow(weight, 0, 0, whole), [strips, strip, input]);
  const products = ops.bmm(ops.expand(x, [strips, rows, input]), ops.transpose(cut, 1, 2)); // [strips rows strip]
  const y = ops.reshape(ops.transpose(products, 0, 1), [rows, whole]);
  return whole === output ? y : ops.cat([y, ops.linearOp(x, ops.narrow(weight, 0, whole, output - whole))], 1);
}

/** x Wᵀ + b for few rows. [… in] → [… out] */
export function skinnyLinear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [output, input] = weight.shape as [number, number];
  const flat = ops.reshape(x, [-1, input]);
  const y =
    output >= manyOutputs
      ? byStrips(flat, weight)
      : ops.contiguous(ops.transpose(ops.mm(weight, ops.transpose(flat, 0, 1)), 0, 1)); // W xᵀ
  if (bias !== undefined) ops.addInto(y, bias);
  return x.shape.length === 2 ? y : ops.view(y, [...x.shape.slice(0, -1), output]);
}
