import {
  type Activation,
  activationNames,
  type GatedMlp,
  gatedNeurons,
  linear,
  type RmsNorm,
  rmsNorm,
  rotaryTables,
} from "../nn/index.ts";
import { embedding, ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { type RotaryAttention, readRotaryAttention, rotaryAttention } from "./rotary-attention.ts";
import { readRotary } from "./rotary-config.ts";
import { commonConfig, type RotarySizes, readGatedMlp, readRotaryTree } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  self_attn: RotaryAttention;
  mlp: GatedMlp;
  input_layernorm: RmsNorm;
  post_attention_layernorm: RmsNorm;
}

/** What tells the families of this structure apart. */
export interface RotaryDecoder {
  family: string;
  sizes: RotarySizes;
  /** of queries, keys and values */
  queryBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  /** whether queries and keys are normed per head */
  headNorms: boolean;
  /** positions that block i sees, its own included; undefined for all */
  window: (index: number) => number | undefined;
}

function readTree(source: WeightSource, decoder: RotaryDecoder, tiedHead: boolean) {
  const { sizes } = decoder;
  const norm = (name: string): RmsNorm => ({ weight: source.tensor(`${name}.weight`, [sizes.width]) });
  const block = (name: string): Block => ({
    self_attn: readRotaryAttention(source, `${name}.self_attn`, { ...sizes, ...decoder }),
    mlp: readGatedMlp(source, `${name}.mlp`, sizes, decoder.mlpBias),
    input_layernorm: norm(`${name}.input_layernorm`),
    post_attention_layernorm: norm(`${name}.post_attention_layernorm`),
  });
  return readRotaryTree(source, sizes, tiedHead, { block, norm });
}

/**
 * The structure of Llama (Touvron et al. 2023) and its kin: pre-norm blocks of rotary attention with grouped heads and a gated
 * feed-forward layer, RMSNorm, no positions in the embedding. Reference: transformers' modeling_llama.py 4.57.
 */
export function rotaryDecoder(
  config: ConfigReader,
  source: WeightSource,
  { device, dropout }: FamilyOptions,
  decoder: RotaryDecoder,
): Family {
  const { family, sizes } = decoder;
  const tiedHead = config.boolean("tie_word_embeddings", false);
  const activation = config.expect("hidden_act", activationNames, "silu") as Activation;
  const rate = dropout ? config.number("attention_dropout", 0) : 0;
  const rotary = readRotary(config, sizes.headWidth, 10_000);
  const common = commonConfig(config, sizes, { family, tiedHead, rotary, hasDropout: rate > 0 });
  const tree = readTree(source, decoder, tiedHead);
  const norm = (p: RmsNorm, x: Tensor) => rmsNorm(p, x, sizes.epsilon);
  const fixed = { heads: sizes.heads, groups: sizes.groups, norm, tables: rotaryTables(rotary, device) };
  return {
    config: common,
    tree,
    embed: ({ ids }) => embedding(tree.model.embed_tokens.weight, ids, common.padId),
    attention(index, h, pass) {
      const p = tree.model.layers[index]!;
      const settings = { ...fixed, window: decoder.window(index), dropout: rate };
      return ops.add(h, rotaryAttention(p.self_attn, norm(p.input_layernorm, h), pass, index, settings));
    },
    neurons(index, middle, { training }) {
      const { mlp, post_attention_layernorm } = tree.model.layers[index]!;
      return gatedNeurons(mlp, norm(post_attention_layernorm, middle), activation, training);
    },
    output: (index, middle, values, { training }) =>
      ops.add(middle, linear(tree.model.layers[index]!.mlp.down_proj, values, training)),
    norm: (h) => norm(tree.model.norm, h),
    unembedding: () => tree.lm_head ?? tree.model.embed_tokens,
  };
}
