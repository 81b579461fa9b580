import { alibiSlopes, attend, drop, type LayerNorm, type Linear, layerNorm, linear, type Pass } from "../nn/index.ts";
import { embedding, ops, type Tensor, tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import { readDecoder } from "./decoder-names.ts";
import type { Family, FamilyOptions, Neurons } from "./family.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  input_layernorm: LayerNorm;
  self_attention: { query_key_value: Linear; dense: Linear };
  post_attention_layernorm: LayerNorm;
  mlp: { dense_h_to_4h: Linear; dense_4h_to_h: Linear };
}

interface Settings {
  /** ALiBi's, [H] */
  slopes: Tensor;
  epsilon: number;
  rates: { hidden: number; attention: number };
}

function selfAttention(p: Block["self_attention"], x: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { slopes, rates } = settings;
  const [batch, length, width] = x.shape as [number, number, number];
  const heads = slopes.size(0);
  const fused = ops.view(linear(p.query_key_value, x, pass.training), [batch, length, heads, 3, width / heads]);
  const part = (which: number) => ops.transpose(ops.select(fused, 3, which), 1, 2); // [B H T E]
  const mixed = attend([part(0), part(1), part(2)], pass, index, { slopes, dropout: rates.attention });
  return linear(p.dense, mixed, pass.training);
}

/** Pre-norm attention on the residual stream. [B T D] → [B T D] */
function attention(p: Block, h: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { epsilon, rates } = settings;
  const mixed = selfAttention(p.self_attention, layerNorm(p.input_layernorm, h, epsilon), pass, index, settings);
  return ops.add(h, drop(mixed, rates.hidden, pass.training));
}

/** Pre-norm GELU feed-forward layer. [B T D] → [B T 4·D] */
function neurons(p: Block, middle: Tensor, { training }: Pass, { epsilon }: Settings): Neurons {
  const normed = layerNorm(p.post_attention_layernorm, middle, epsilon);
  const active = ops.gelu(linear(p.mlp.dense_h_to_4h, normed, training), "tanh");
  return { active, values: active };
}

function readBlock(source: WeightSource, name: string, width: number): Block {
  return {
    input_layernorm: source.layerNorm(`${name}.input_layernorm`, width),
    self_attention: {
      query_key_value: source.linear(`${name}.self_attention.query_key_value`, 3 * width, width),
      dense: source.linear(`${name}.self_attention.dense`, width, width),
    },
    post_attention_layernorm: source.layerNorm(`${name}.post_attention_layernorm`, width),
    mlp: {
      dense_h_to_4h: source.linear(`${name}.mlp.dense_h_to_4h`, 4 * width, width),
      dense_4h_to_h: source.linear(`${name}.mlp.dense_4h_to_h`, width, 4 * width),
    },
  };
}

/**
 * BLOOM (BigScience 2022): pre-norm decoder with ALiBi instead of positions, and a norm on the embedding.
 * Reference: transformers' modeling_bloom.py 4.57.
 */
export function bloom(config: ConfigReader, source: WeightSource, { device, dropout }: FamilyOptions): Family {
  // the published configs have the names behind ??'s left side
  const width = config.optionalNumber("n_embed") ?? config.number("hidden_size");
  const heads = config.optionalNumber("num_attention_heads") ?? config.number("n_head");
  const layers = config.optionalNumber("num_hidden_layers") ?? config.number("n_layer");
  const vocabulary = config.number("vocab_size");
  const epsilon = config.number("layer_norm_epsilon", 1e-5);
  const rate = (key: string) => (dropout ? config.number(key, 0) : 0);
  const rates = { hidden: rate("hidden_dropout"), attention: rate("attention_dropout") };
  config.expect("apply_residual_connection_post_layernorm", ["false"], "false");

  const { body, tiedHead, tree, omittedPrefix, unembedding } = readDecoder(
    config,
    source,
    "word_embeddings.weight",
    (prefix) => ({
      word_embeddings: { weight: source.tensor(`${prefix}word_embeddings.weight`, [vocabulary, width]) },
      word_embeddings_layernorm: source.layerNorm(`${prefix}word_embeddings_layernorm`, width),
      h: Array.from({ length: layers }, (_, i) => readBlock(source, `${prefix}h.${i}`, width)),
      ln_f: source.layerNorm(`${prefix}ln_f`, width),
    }),
  );
  const settings: Settings = { slopes: tensor(alibiSlopes(heads), { device }), epsilon, rates };
  return {
    config: {
      family: "bloom",
      layers,
      width,
      heads,
      vocabulary,
      // ALiBi has no end; this is the length that BLOOM was trained with
      maximumLength: config.number("seq_length", 2048),
      tiedHead,
      padId: config.optionalNumber("pad_token_id"),
      hasDropout: rates.hidden > 0 || rates.attention > 0,
    },
    tree,
    omittedPrefix,
    embed: ({ ids }) => layerNorm(body.word_embeddings_layernorm, embedding(body.word_embeddings.weight, ids), epsilon),
    attention: (index, h, pass) => attention(body.h[index]!, h, pass, index, settings),
    neurons: (index, middle, pass) => neurons(body.h[index]!, middle, pass, settings),
    output: (index, middle, values, { training }) =>
      ops.add(middle, drop(linear(body.h[index]!.mlp.dense_4h_to_h, values, training), rates.hidden, training)),
    norm: (h) => layerNorm(body.ln_f, h, epsilon),
    unembedding,
  };
}
