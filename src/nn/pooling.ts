import { ops, type Tensor, tensor } from "../tensor/index.ts";

/** How a sentence's states become one vector: its last token, their mean, their mean weighted by position 1…T, or their maximum. */
export type Pooling = "last" | "mean" | "weighted" | "max";
export const poolings: readonly Pooling[] = ["last", "mean", "weighted", "max"];

/** 1 on the real tokens of right-padded rows. → [B T] */
export function lengthMask(lengths: ArrayLike<number>, columns: number, device = "cpu"): Tensor {
  const mask = new Float32Array(lengths.length * columns);
  for (let row = 0; row < lengths.length; row++) mask.fill(1, row * columns, row * columns + (lengths[row] as number));
  return tensor(mask, { shape: [lengths.length, columns], device });
}

function lastToken(h: Tensor, lengths: ArrayLike<number>): Tensor {
  const [rows, columns, width] = h.shape as [number, number, number];
  const at = Int32Array.from({ length: rows }, (_, row) => row * columns + (lengths[row] as number) - 1);
  return ops.indexSelect(ops.reshape(h, [rows * columns, width]), 0, tensor(at, { device: h.device }));
}

/** Pools right-padded states over their real tokens. h: [B T D], lengths: B numbers ≥ 1 → [B D] */
export function pool(h: Tensor, lengths: ArrayLike<number>, pooling: Pooling): Tensor {
  if (pooling === "last") return lastToken(h, lengths);
  const columns = h.size(1);
  const mask = lengthMask(lengths, columns, h.device); // [B T]
  if (pooling === "max")
    return ops.amax(ops.maskedFill(h, ops.unsqueeze(ops.eq(mask, 0), 2), Number.NEGATIVE_INFINITY), [1]);
  const weights = pooling === "mean" ? mask : ops.mul(mask, ops.add(ops.arange(columns, "float32", h.device), 1));
  const share = ops.div(weights, ops.sum(weights, [1], true)); // [B T], rows sum to 1
  return ops.sum(ops.mul(h, ops.unsqueeze(share, 2)), [1]);
}
