import {
  attend,
  drop,
  type LayerNorm,
  type Linear,
  layerNorm,
  linear,
  type Pass,
  positionRows,
  splitHeads,
} from "../nn/index.ts";
import { embedding, ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import { readDecoder } from "./decoder-names.ts";
import type { Family, FamilyOptions, Neurons } from "./family.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  ln_1: LayerNorm;
  attn: { c_attn: Linear; c_proj: Linear };
  ln_2: LayerNorm;
  mlp: { c_fc: Linear; c_proj: Linear };
}

interface Rates {
  embedding: number;
  attention: number;
  residual: number;
}

interface Settings {
  heads: number;
  epsilon: number;
  /** attention scores of block i are divided by i + 1 besides */
  byLayer: boolean;
  rates: Rates;
}

function selfAttention(p: Block["attn"], x: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { heads, byLayer, rates } = settings;
  const width = x.size(2);
  const fused = linear(p.c_attn, x, pass.training); // [B T 3·D]: queries, keys, values
  const part = (which: number) => splitHeads(ops.narrow(fused, 2, which * width, width), heads); // [B H T E]
  const scale = 1 / Math.sqrt(width / heads) / (byLayer ? index + 1 : 1);
  const mixed = attend([part(0), part(1), part(2)], pass, index, { scale, dropout: rates.attention });
  return linear(p.c_proj, mixed, pass.training);
}

/** Pre-norm attention on the residual stream. [B T D] → [B T D] */
function attention(p: Block, h: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { epsilon, rates } = settings;
  const mixed = selfAttention(p.attn, layerNorm(p.ln_1, h, epsilon), pass, index, settings);
  return ops.add(h, drop(mixed, rates.residual, pass.training));
}

/** Pre-norm GELU feed-forward layer. [B T D] → [B T F] */
function neurons(p: Block, middle: Tensor, { training }: Pass, { epsilon }: Settings): Neurons {
  const active = ops.gelu(linear(p.mlp.c_fc, layerNorm(p.ln_2, middle, epsilon), training), "tanh");
  return { active, values: active };
}

function readBlock(source: WeightSource, name: string, width: number, inner: number, layers: number): Block {
  // a fresh model's 2·L writes to the residual stream add up to the variance of one
  const projection = (part: string, output: number, input: number) =>
    source.linear(`${name}.${part}`, output, input, {
      transposed: true,
      spread: part.endsWith("c_proj") ? 1 / Math.sqrt(2 * layers) : 1,
    });
  // causal masks, which old checkpoints carry along
  source.ignore(`${name}.attn.bias`);
  source.ignore(`${name}.attn.masked_bias`);
  return {
    ln_1: source.layerNorm(`${name}.ln_1`, width),
    attn: { c_attn: projection("attn.c_attn", 3 * width, width), c_proj: projection("attn.c_proj", width, width) },
    ln_2: source.layerNorm(`${name}.ln_2`, width),
    mlp: { c_fc: projection("mlp.c_fc", inner, width), c_proj: projection("mlp.c_proj", width, inner) },
  };
}

function readSettings(config: ConfigReader, dropout: boolean): Settings {
  const rate = (key: string) => (dropout ? config.number(key, 0.1) : 0);
  config.expect("activation_function", ["gelu_new", "gelu_pytorch_tanh"], "gelu_new");
  config.expect("scale_attn_weights", ["true"], "true");
  // reorder_and_upcast_attn changes rounding in half precision only; the fused kernel adds up in float32 either way
  return {
    heads: config.number("n_head"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    byLayer: config.boolean("scale_attn_by_inverse_layer_idx", false),
    rates: { embedding: rate("embd_pdrop"), attention: rate("attn_pdrop"), residual: rate("resid_pdrop") },
  };
}

/**
 * GPT-2 (Radford et al. 2019): pre-norm decoder, learned positions, weights stored [in out].
 * Reference: transformers' modeling_gpt2.py 4.57.
 */
export function gpt2(config: ConfigReader, source: WeightSource, { dropout }: FamilyOptions): Family {
  const width = config.number("n_embd");
  const layers = config.number("n_layer");
  const vocabulary = config.number("vocab_size");
  const maximumLength = config.number("n_positions", 1024);
  const inner = config.optionalNumber("n_inner") ?? 4 * width;
  const settings = readSettings(config, dropout);
  const { heads, rates, epsilon } = settings;

  const { body, tiedHead, tree, omittedPrefix, unembedding } = readDecoder(config, source, "wte.weight", (prefix) => ({
    wte: { weight: source.tensor(`${prefix}wte.weight`, [vocabulary, width]) },
    wpe: { weight: source.tensor(`${prefix}wpe.weight`, [maximumLength, width]) },
    h: Array.from({ length: layers }, (_, i) => readBlock(source, `${prefix}h.${i}`, width, inner, layers)),
    ln_f: source.layerNorm(`${prefix}ln_f`, width),
  }));
  return {
    config: {
      family: "gpt2",
      layers,
      width,
      heads,
      vocabulary,
      maximumLength,
      tiedHead,
      padId: config.optionalNumber("pad_token_id"),
      hasDropout: Object.values(rates).some((rate) => rate > 0),
    },
    tree,
    omittedPrefix,
    embed({ ids }, pass) {
      const embedded = embedding(body.wte.weight, ids); // [B T D]
      const here = positionRows(body.wpe.weight, pass, ids.size(1)); // [T D] or [B T D]
      return drop(ops.add(embedded, here), rates.embedding, pass.training);
    },
    attention: (index, h, pass) => attention(body.h[index]!, h, pass, index, settings),
    neurons: (index, middle, pass) => neurons(body.h[index]!, middle, pass, settings),
    output: (index, middle, values, { training }) =>
      ops.add(middle, drop(linear(body.h[index]!.mlp.c_proj, values, training), rates.residual, training)),
    norm: (h) => layerNorm(body.ln_f, h, epsilon),
    unembedding,
  };
}
