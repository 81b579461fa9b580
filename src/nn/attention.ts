import { ops, type Tensor } from "../tensor/index.ts";
import { alibiBias } from "./alibi.ts";
import { drop } from "./dropout.ts";
import { product } from "./half-product.ts";
import type { Pass } from "./pass.ts";

export interface AttentionOptions {
  /** multiplies q·k; default 1/√E */
  scale?: number | undefined;
  /** probability of dropping an attention weight while training */
  dropout?: number;
  /** a query sees this many positions, itself included; all earlier ones by default */
  window?: number | undefined;
  /** ALiBi's [H]: slope · key position is added to the scores */
  slopes?: Tensor;
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

/** Places `from` … `to` − 1. → [to − from] */
const columns = (from: number, to: number, device: string): Tensor =>
  ops.narrow(ops.arange(to, "int64", device), 0, from, to - from);

/** Query place − key place for T queries, the last of S keys. queries: [… T], keys: [… S] → [… T S] */
const distance = (queries: Tensor, keys: Tensor): Tensor =>
  ops.sub(ops.unsqueeze(queries, -1), ops.unsqueeze(keys, -2));

/**
 * True where a query may see a key: what the pass says, or all keys up to the query's own column; and of these the ones fewer
 * than `window` positions back. → [T S] or [B 1 T S] bool; undefined where every query sees every key
 */
function seen(pass: Pass, length: number, total: number, window: number | undefined, device: string) {
  const first = total - length;
  const queryColumns = () => columns(first, total, device);
  const keyColumns = () => columns(0, total, device);
  const base = pass.visible ?? (length === 1 ? undefined : ops.ge(distance(queryColumns(), keyColumns()), 0)); // [T S] or [B 1 T S]
  if (window === undefined || window >= pass.reach) return base;
  const queries = pass.positions === undefined ? queryColumns() : ops.unsqueeze(pass.positions, 1); // [T] or [B 1 T]
  const keys = pass.keyPositions === undefined ? keyColumns() : ops.unsqueeze(pass.keyPositions, 1); // [S] or [B 1 S]
  const near = ops.lt(distance(queries, keys), window);
  return base === undefined ? near : ops.logicalAnd(base, near);
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
  mask: Tensor | undefined,
  { scale, cap, dropout }: { scale: number; cap: number; dropout: number },
): Tensor {
  const scores = ops.mul(ops.tanh(ops.mul(product(ops.matmul, q, ops.transpose(k, 2, 3)), scale / cap)), cap); // [B H T S]
  const kept = mask === undefined ? scores : ops.maskedFill(scores, ops.logicalNot(mask), Number.NEGATIVE_INFINITY);
  return product(ops.matmul, drop(ops.softmax(kept, -1), dropout, true), v);
}

/** ALiBi's bias on the visible scores, −∞ on the others. [1 H T S] or [B H T S] */
function biased(mask: Tensor | undefined, slopes: Tensor, positions: Tensor, like: Tensor): Tensor {
  const bias = ops.toDtype(alibiBias(slopes, positions), like.dtype); // [… H 1 S]
  if (mask === undefined) return bias;
  return ops.where(mask, bias, ops.full([], Number.NEGATIVE_INFINITY, bias.dtype, bias.device));
}

/** The fused kernel; `mask` is bool or a bias on the scores. */
function fused(
  inputs: readonly [q: Tensor, k: Tensor, v: Tensor],
  mask: Tensor | undefined,
  how: { dropout: number; causal?: boolean; scale: number; grouped?: boolean },
): Tensor {
  const { dropout, causal = false, scale, grouped = false } = how;
  const multiply = (q: Tensor, k: Tensor, v: Tensor) => {
    const bias = mask === undefined || mask.dtype === "bool" ? mask : ops.toDtype(mask, q.dtype);
    return ops.scaledDotProductAttention(q, k, v, bias ?? null, dropout, causal, scale, grouped);
  };
  return product(multiply, ...inputs);
}

/**
 * Self-attention over heads, causal unless the pass says otherwise. Rows are right-padded: causality alone keeps real tokens
 * from seeing padding, so without cache, window, bias or cap the fast kernel needs no mask and is exact. `block` numbers the
 * calling block in the cache. q: [B H T E], k and v: [B K T E] with K dividing H → [B T H·E]
 */
export function attend(
  [q, k, v]: readonly [q: Tensor, k: Tensor, v: Tensor],
  pass: Pass,
  block: number,
  options: AttentionOptions = {},
): Tensor {
  const { window, slopes, softcap } = options;
  const { keys, values } = pass.cache?.extend(block, k, v) ?? { keys: k, values: v };
  const [heads, length, total] = [q.size(1), q.size(2), keys.size(2)];
  const scale = options.scale ?? 1 / Math.sqrt(q.size(3));
  const dropout = pass.training ? (options.dropout ?? 0) : 0;
  const grouped = keys.size(1) !== heads;
  const narrow = window !== undefined && window < pass.reach;
  if (pass.visible === undefined && length === total && !narrow && slopes === undefined && softcap === undefined)
    return joinHeads(fused([q, keys, values], undefined, { dropout, causal: true, scale, grouped }));
  const mask = seen(pass, length, total, window, q.device);
  if (softcap !== undefined) {
    const inputs = [q, repeatHeads(keys, heads), repeatHeads(values, heads)] as const;
    return joinHeads(cappedAttention(inputs, mask, { scale, cap: softcap, dropout }));
  }
  const positions = () => pass.keyPositions ?? columns(0, total, q.device);
  if (grouped && length === 1 && slopes === undefined) {
    // the queries that share a key stand in for positions: no key is copied for them
    const groups = ops.reshape(q, [q.size(0), keys.size(1), -1, q.size(3)]); // [B K H/K E]
    const out = fused([groups, keys, values], mask, { dropout, scale });
    return ops.reshape(out, [q.size(0), 1, heads * q.size(3)]);
  }
  const bias = slopes === undefined ? mask : biased(mask, slopes, positions(), q);
  return joinHeads(fused([q, keys, values], bias, { dropout, scale, grouped }));
}
