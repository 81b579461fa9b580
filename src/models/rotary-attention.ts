import {
  type AttentionOptions,
  attend,
  type Linear,
  linear,
  type Pass,
  type RmsNorm,
  type RotaryTable,
  rotate,
  splitHeads,
} from "../nn/index.ts";
import type { Dtype, Tensor } from "../tensor/index.ts";
import type { RotarySizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Attention with rotary positions; the names are those on disk. */
export interface RotaryAttention {
  /** [H·E D] */
  q_proj: Linear;
  /** [K·E D] */
  k_proj: Linear;
  /** [K·E D] */
  v_proj: Linear;
  /** [D H·E] */
  o_proj: Linear;
  /** [E], one for all heads */
  q_norm?: RmsNorm;
  k_norm?: RmsNorm;
}

export interface RotaryAttentionShape extends Pick<RotarySizes, "width" | "heads" | "groups" | "headWidth"> {
  /** of queries, keys and values */
  queryBias: boolean;
  outputBias: boolean;
  /** whether queries and keys are normed per head */
  headNorms: boolean;
  /** what new norm weights are filled with */
  freshNorm?: number;
}

export interface RotaryAttentionSettings extends AttentionOptions {
  heads: number;
  groups: number;
  norm: (p: RmsNorm, x: Tensor) => Tensor;
  tables: (pass: Pass, length: number, dtype: Dtype) => RotaryTable;
}

export function readRotaryAttention(source: WeightSource, name: string, shape: RotaryAttentionShape): RotaryAttention {
  const { width, heads, groups, headWidth, queryBias, outputBias, headNorms, freshNorm } = shape;
  const project = (part: string, count: number) =>
    source.linear(`${name}.${part}`, count * headWidth, width, { bias: queryBias });
  const norm = (part: string): RmsNorm => ({ weight: source.tensor(`${name}.${part}.weight`, [headWidth], freshNorm) });
  source.ignore(`${name}.rotary_emb.inv_freq`); // a buffer that old checkpoints hold
  return {
    q_proj: project("q_proj", heads),
    k_proj: project("k_proj", groups),
    v_proj: project("v_proj", groups),
    o_proj: source.linear(`${name}.o_proj`, width, heads * headWidth, { bias: outputBias }),
    ...(headNorms && { q_norm: norm("q_norm"), k_norm: norm("k_norm") }),
  };
}

/** Projects, norms the heads where there are norms, turns queries and keys by their positions, attends. [B T D] → [B T D] */
export function rotaryAttention(
  p: RotaryAttention,
  x: Tensor,
  pass: Pass,
  block: number,
  settings: RotaryAttentionSettings,
): Tensor {
  const { heads, groups, norm, tables } = settings;
  const { training } = pass;
  const table = tables(pass, x.size(1), x.dtype); // [T E/2]
  const turned = (projection: Linear, count: number, own: RmsNorm | undefined): Tensor => {
    const split = splitHeads(linear(projection, x, training), count); // [B count T E]
    return rotate(own === undefined ? split : norm(own, split), table);
  };
  const q = turned(p.q_proj, heads, p.q_norm);
  const k = turned(p.k_proj, groups, p.k_norm);
  const v = splitHeads(linear(p.v_proj, x, training), groups);
  return linear(p.o_proj, attend([q, k, v], pass, block, settings), training);
}
