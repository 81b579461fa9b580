import { ops, type Tensor } from "../tensor/index.ts";
import { drop } from "./dropout.ts";

export interface AttentionOptions {
  /** multiplies q·k; default 1/√E */
  scale?: number | undefined;
  /** probability of dropping an attention weight; 0 outside of training */
  dropout?: number;
  /** a query sees this many positions, itself included; all earlier ones by default */
  window?: number | undefined;
  /** added to the scores before softmax, such as ALiBi's [H T T] or [H 1 T] */
  bias?: Tensor;
  /** scores s become cap · tanh(s / cap) (Gemma 2) */
  softcap?: number | undefined;
}

/** [B T H·E] → [B H T E] */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape as [number, number, number];
  return ops.transpose(ops.view(x, [batch, length, heads, width / heads]), 1, 2);
}

/** [B H T E] → [B T H·E] */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return ops.reshape(ops.transpose(x, 1, 2), [batch, length, heads * width]);
}

/** True where query i may see key j: j ≤ i, and i − j < window. → [T T] bool */
function visible(length: number, window: number | undefined, device: string): Tensor {
  const position = ops.arange(length, "int64", device);
  const distance = ops.sub(ops.unsqueeze(position, 1), ops.unsqueeze(position, 0)); // [T T], query − key
  const causal = ops.ge(distance, 0);
  return window === undefined ? causal : ops.logicalAnd(causal, ops.lt(distance, window));
}

/** Keys and values repeated so that each query head has its own. [B K T E] → [B H T E] */
function repeatHeads(x: Tensor, heads: number): Tensor {
  const [batch, groups, length, width] = x.shape as [number, number, number, number];
  if (groups === heads) return x;
  const shape = [batch, groups, heads / groups, length, width];
  return ops.reshape(ops.expand(ops.unsqueeze(x, 2), shape), [batch, heads, length, width]);
}

/** softmax(cap · tanh(q kᵀ · scale / cap)) v with the hidden positions left out; no fused kernel knows the cap. */
function cappedAttention(
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  seen: Tensor,
  { scale, cap, dropout }: { scale: number; cap: number; dropout: number },
): Tensor {
  const scores = ops.mul(ops.tanh(ops.mul(ops.matmul(q, ops.transpose(k, 2, 3)), scale / cap)), cap); // [B H T T]
  const weights = ops.softmax(ops.maskedFill(scores, ops.logicalNot(seen), Number.NEGATIVE_INFINITY), -1);
  return ops.matmul(drop(weights, dropout, true), v);
}

/**
 * Causal self-attention over heads on right-padded rows: causality alone keeps real tokens from seeing padding, so without
 * window, bias or cap the fast kernel needs no mask and is exact. q: [B H T E], k and v: [B K T E] with K dividing H
 * → [B T H·E]
 */
export function attend(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { window, bias, softcap, dropout = 0 } = options;
  const heads = q.size(1);
  const length = q.size(2);
  const scale = options.scale ?? 1 / Math.sqrt(q.size(3));
  if (softcap !== undefined) {
    const seen = visible(length, window, q.device);
    const inputs = [q, repeatHeads(k, heads), repeatHeads(v, heads)] as const;
    return joinHeads(cappedAttention(inputs, seen, { scale, cap: softcap, dropout }));
  }
  const grouped = k.size(1) !== heads;
  const narrow = window !== undefined && window < length;
  if (!narrow && bias === undefined)
    return joinHeads(ops.scaledDotProductAttention(q, k, v, null, dropout, true, scale, grouped));
  const seen = visible(length, narrow ? window : undefined, q.device);
  const mask =
    bias === undefined ? seen : ops.where(seen, bias, ops.full([], Number.NEGATIVE_INFINITY, bias.dtype, q.device));
  return joinHeads(ops.scaledDotProductAttention(q, k, v, mask, dropout, false, scale, grouped));
}
