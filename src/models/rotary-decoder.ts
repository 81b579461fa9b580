import {
  type Activation,
  activationNames,
  type GatedMlp,
  gatedMlp,
  type Linear,
  type RmsNorm,
  rmsNorm,
  rotaryTables,
} from "../nn/index.ts";
import { ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions, ModelConfig } from "./model.ts";
import { type RotaryAttention, readRotaryAttention, rotaryAttention } from "./rotary-attention.ts";
import { longestRow, readRotary } from "./rotary-config.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  self_attn: RotaryAttention;
  mlp: GatedMlp;
  input_layernorm: RmsNorm;
  post_attention_layernorm: RmsNorm;
}

/** What a config says of the sizes of any decoder with rotary positions, under the keys that all of them share. */
export interface RotarySizes {
  /** D */
  width: number;
  /** H */
  heads: number;
  /** K */
  groups: number;
  /** E */
  headWidth: number;
  /** F */
  inner: number;
  layers: number;
  vocabulary: number;
  /** ε of the norms */
  epsilon: number;
}

/** `absent` holds what the family's reference takes for keys that a config leaves out. */
export function readSizes(config: ConfigReader, absent: { headWidth?: number; groups?: number } = {}): RotarySizes {
  const width = config.number("hidden_size");
  const heads = config.number("num_attention_heads");
  return {
    width,
    heads,
    groups: config.optionalNumber("num_key_value_heads") ?? absent.groups ?? heads,
    headWidth: config.optionalNumber("head_dim") ?? absent.headWidth ?? width / heads,
    inner: config.number("intermediate_size"),
    layers: config.number("num_hidden_layers"),
    vocabulary: config.number("vocab_size"),
    epsilon: config.number("rms_norm_eps", 1e-6),
  };
}

/** The parts of the common config that are read alike. */
export const readIds = (config: ConfigReader): Pick<ModelConfig, "bosId" | "eosId" | "padId"> => ({
  bosId: config.optionalNumber("bos_token_id"),
  eosId: config.optionalNumber("eos_token_id"),
  padId: config.optionalNumber("pad_token_id"),
});

export function readGatedMlp(source: WeightSource, name: string, sizes: RotarySizes, bias: boolean): GatedMlp {
  const { width, inner } = sizes;
  return {
    gate_proj: source.linear(`${name}.gate_proj`, inner, width, { bias }),
    up_proj: source.linear(`${name}.up_proj`, inner, width, { bias }),
    down_proj: source.linear(`${name}.down_proj`, width, inner, { bias }),
  };
}

/** What tells the families of this structure apart. */
export interface RotaryDecoder {
  family: string;
  sizes: RotarySizes;
  queryBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  headNorms: boolean;
  /** positions that block i sees, its own included; undefined for all */
  window: (index: number) => number | undefined;
}

function readTree(config: ConfigReader, source: WeightSource, decoder: RotaryDecoder, tiedHead: boolean) {
  const { sizes } = decoder;
  const norm = (name: string): RmsNorm => ({ weight: source.tensor(`${name}.weight`, [sizes.width]) });
  const block = (name: string): Block => ({
    self_attn: readRotaryAttention(source, `${name}.self_attn`, { ...sizes, ...decoder }),
    mlp: readGatedMlp(source, `${name}.mlp`, sizes, decoder.mlpBias),
    input_layernorm: norm(`${name}.input_layernorm`),
    post_attention_layernorm: norm(`${name}.post_attention_layernorm`),
  });
  const table = (name: string) => ({ weight: source.tensor(`${name}.weight`, [sizes.vocabulary, sizes.width]) });
  const tree = {
    model: {
      embed_tokens: table("model.embed_tokens"),
      layers: Array.from({ length: sizes.layers }, (_, i) => block(`model.layers.${i}`)),
      norm: norm("model.norm"),
    },
    ...(!tiedHead && { lm_head: table("lm_head") as Linear }),
  };
  if (tiedHead) source.ignore("lm_head.weight");
  config.expect("hidden_act", activationNames, "silu");
  return tree;
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
  const tree = readTree(config, source, decoder, tiedHead);
  const activation = String(config.raw.hidden_act ?? "silu") as Activation;
  const rate = dropout ? config.number("attention_dropout", 0) : 0;
  const rotary = readRotary(config, sizes.headWidth, 10_000);
  const ids = readIds(config);
  const norm = (p: RmsNorm, x: Tensor) => rmsNorm(p, x, sizes.epsilon);
  const { heads, groups } = sizes;
  const fixed = { heads, groups, norm, tables: rotaryTables(rotary, device) };
  return {
    config: {
      family,
      ...{ layers: sizes.layers, width: sizes.width, heads, vocabulary: sizes.vocabulary },
      maximumLength: longestRow(config, rotary),
      tiedHead,
      ...ids,
      hasDropout: rate > 0,
    },
    tree,
    embed: ({ ids: tokens }) => ops.embeddingOp(tree.model.embed_tokens.weight, tokens, ids.padId),
    block(index, h, training) {
      const p = tree.model.layers[index]!;
      const window = decoder.window(index);
      const settings = { ...fixed, ...(window !== undefined && { window }), dropout: training ? rate : 0, training };
      const middle = ops.add(h, rotaryAttention(p.self_attn, norm(p.input_layernorm, h), settings));
      return ops.add(middle, gatedMlp(p.mlp, norm(p.post_attention_layernorm, middle), activation, training));
    },
    norm: (h) => norm(tree.model.norm, h),
    unembedding: () => tree.lm_head ?? tree.model.embed_tokens,
  };
}
