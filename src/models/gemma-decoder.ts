import {
  type Activation,
  activationNames,
  type GatedMlp,
  gatedNeurons,
  linear,
  offsetRmsNorm,
  type RmsNorm,
  type Rotary,
  rotaryTables,
} from "../nn/index.ts";
import { embedding, ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { type RotaryAttention, readRotaryAttention, rotaryAttention } from "./rotary-attention.ts";
import { commonConfig, type RotarySizes, readGatedMlp, readRotaryTree } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  self_attn: RotaryAttention;
  mlp: GatedMlp;
  input_layernorm: RmsNorm;
  post_attention_layernorm: RmsNorm;
  pre_feedforward_layernorm: RmsNorm;
  post_feedforward_layernorm: RmsNorm;
}

/** What tells Gemma 2 from Gemma 3. */
export interface GemmaDecoder {
  family: string;
  sizes: RotarySizes;
  headNorms: boolean;
  /** whether block i sees a window */
  sliding: readonly boolean[];
  /** rotary settings of the blocks with a window, and of those without */
  local: Rotary;
  global: Rotary;
  attentionCap: number | undefined;
  logitCap: number | undefined;
}

/** A key that is absent stands for `fallback`, and null for none. */
export const optionalCap = (config: ConfigReader, key: string, fallback: number | undefined): number | undefined =>
  config.raw[key] === null || (config.raw[key] === undefined && fallback === undefined)
    ? undefined
    : config.number(key, fallback);

function readTree(config: ConfigReader, source: WeightSource, { sizes, headNorms }: GemmaDecoder, tiedHead: boolean) {
  const bias = config.boolean("attention_bias", false);
  const attention = { ...sizes, queryBias: bias, outputBias: bias, headNorms, freshNorm: 0 };
  const norm = (name: string): RmsNorm => ({ weight: source.tensor(`${name}.weight`, [sizes.width], 0) });
  const block = (name: string): Block => ({
    self_attn: readRotaryAttention(source, `${name}.self_attn`, attention),
    mlp: readGatedMlp(source, `${name}.mlp`, sizes, false),
    input_layernorm: norm(`${name}.input_layernorm`),
    post_attention_layernorm: norm(`${name}.post_attention_layernorm`),
    pre_feedforward_layernorm: norm(`${name}.pre_feedforward_layernorm`),
    post_feedforward_layernorm: norm(`${name}.post_feedforward_layernorm`),
  });
  return readRotaryTree(source, sizes, tiedHead, { block, norm });
}

/** The blocks' two kinds of attention, with the settings that training does not change. */
function attentionSettings(config: ConfigReader, decoder: GemmaDecoder, device: string) {
  const { sizes, attentionCap, local, global } = decoder;
  const norm = (p: RmsNorm, x: Tensor) => offsetRmsNorm(p, x, sizes.epsilon);
  const fixed = {
    heads: sizes.heads,
    groups: sizes.groups,
    norm,
    scale: config.number("query_pre_attn_scalar", 256) ** -0.5,
    softcap: attentionCap,
  };
  const window = config.number("sliding_window", 4096);
  const slides = { ...fixed, window, tables: rotaryTables(local, device) };
  const full = { ...fixed, tables: rotaryTables(global, device) };
  return { norm, of: (index: number) => (decoder.sliding[index] ? slides : full) };
}

/**
 * The structure of Gemma 2 and 3 (Gemma Team 2024, 2025): scaled embedding, four norms of weight 1 + w per block, blocks with
 * and without a window. Reference: transformers' modeling_gemma2.py and modeling_gemma3.py 4.57.
 */
export function gemmaDecoder(
  config: ConfigReader,
  source: WeightSource,
  { device, dropout }: FamilyOptions,
  decoder: GemmaDecoder,
): Family {
  const { family, sizes } = decoder;
  const tiedHead = config.boolean("tie_word_embeddings", true);
  const activation = config.expect("hidden_activation", activationNames, "gelu_pytorch_tanh") as Activation;
  config.expect("use_bidirectional_attention", ["false"], "false");
  const rate = dropout ? config.number("attention_dropout", 0) : 0;
  const common = commonConfig(config, sizes, { family, tiedHead, rotary: decoder.global, hasDropout: rate > 0 });
  const tree = readTree(config, source, decoder, tiedHead);
  const { norm, of } = attentionSettings(config, decoder, device);
  return {
    config: common,
    tree,
    embed({ ids }) {
      const embedded = embedding(tree.model.embed_tokens.weight, ids, common.padId); // [B T D]
      // √D is rounded to the embedding's type before it multiplies
      return ops.mul(embedded, ops.full([], Math.sqrt(sizes.width), embedded.dtype, device));
    },
    // norms before and after attention and feed-forward layer
    attention(index, h, pass) {
      const p = tree.model.layers[index]!;
      const settings = { ...of(index), dropout: rate };
      const mixed = rotaryAttention(p.self_attn, norm(p.input_layernorm, h), pass, index, settings);
      return ops.add(h, norm(p.post_attention_layernorm, mixed));
    },
    neurons(index, middle, { training }) {
      const { mlp, pre_feedforward_layernorm } = tree.model.layers[index]!;
      return gatedNeurons(mlp, norm(pre_feedforward_layernorm, middle), activation, training);
    },
    output(index, middle, values, { training }) {
      const { mlp, post_feedforward_layernorm } = tree.model.layers[index]!;
      return ops.add(middle, norm(post_feedforward_layernorm, linear(mlp.down_proj, values, training)));
    },
    norm: (h) => norm(tree.model.norm, h),
    unembedding: () => ({ ...(tree.lm_head ?? tree.model.embed_tokens), softcap: decoder.logitCap }),
  };
}
