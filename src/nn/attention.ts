import { ops, type Tensor } from "../tensor/index.ts";

/**
 * Causal self-attention over heads, softmax(q kᵀ / √E) v, on right-padded rows: causality alone keeps real tokens from
 * seeing padding, so the fast kernel without a mask is exact. q, k, v: [B T D] → [B T D]
 */
export function causalAttention(q: Tensor, k: Tensor, v: Tensor, options: { heads: number; dropout?: number }): Tensor {
  const [batch, length, width] = q.shape as [number, number, number];
  const split = (x: Tensor) => ops.transpose(ops.view(x, [batch, length, options.heads, width / options.heads]), 1, 2); // [B H T E]
  const mixed = ops.scaledDotProductAttention(split(q), split(k), split(v), null, options.dropout ?? 0, true);
  return ops.reshape(ops.transpose(mixed, 1, 2), [batch, length, width]); // [B T D]
}
