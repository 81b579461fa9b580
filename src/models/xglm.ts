import {
  attend,
  drop,
  type LayerNorm,
  type Linear,
  layerNorm,
  linear,
  type Pass,
  positionRows,
  sinusoidalPositions,
  splitHeads,
} from "../nn/index.ts";
import { embedding, ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions, ModelConfig, Neurons } from "./family.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  self_attn: { q_proj: Linear; k_proj: Linear; v_proj: Linear; out_proj: Linear };
  self_attn_layer_norm: LayerNorm;
  fc1: Linear;
  fc2: Linear;
  final_layer_norm: LayerNorm;
}

interface Settings {
  heads: number;
  rates: { residual: number; attention: number; activation: number };
}

/** XGLM's positions begin at row 2 of the sinusoid table (fairseq's padding offset). */
const positionOffset = 2;

function selfAttention(p: Block["self_attn"], x: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const project = (part: Linear) => splitHeads(linear(part, x, pass.training), settings.heads); // [B H T E]
  const dropout = settings.rates.attention;
  const mixed = attend([project(p.q_proj), project(p.k_proj), project(p.v_proj)], pass, index, { dropout });
  return linear(p.out_proj, mixed, pass.training);
}

/** Pre-norm attention on the residual stream. [B T D] → [B T D] */
function attention(p: Block, h: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const mixed = selfAttention(p.self_attn, layerNorm(p.self_attn_layer_norm, h), pass, index, settings);
  return ops.add(h, drop(mixed, settings.rates.residual, pass.training));
}

/** Pre-norm GELU feed-forward layer. [B T D] → [B T F] */
function neurons(p: Block, middle: Tensor, { training }: Pass, { rates }: Settings): Neurons {
  const active = ops.gelu(linear(p.fc1, layerNorm(p.final_layer_norm, middle), training));
  return { active, values: drop(active, rates.activation, training) };
}

function readBlock(source: WeightSource, name: string, width: number, inner: number): Block {
  const projection = (part: string) => source.linear(`${name}.self_attn.${part}`, width, width);
  return {
    self_attn: {
      q_proj: projection("q_proj"),
      k_proj: projection("k_proj"),
      v_proj: projection("v_proj"),
      out_proj: projection("out_proj"),
    },
    self_attn_layer_norm: source.layerNorm(`${name}.self_attn_layer_norm`, width),
    fc1: source.linear(`${name}.fc1`, inner, width),
    fc2: source.linear(`${name}.fc2`, width, inner),
    final_layer_norm: source.layerNorm(`${name}.final_layer_norm`, width),
  };
}

/**
 * XGLM (Lin et al. 2022): pre-norm decoder, scaled embedding, sinusoidal positions that are not stored, tied head.
 * Reference: transformers' modeling_xglm.py 4.57.
 */
export function xglm(config: ConfigReader, source: WeightSource, { device, dropout }: FamilyOptions): Family {
  const width = config.number("d_model");
  const heads = config.number("attention_heads");
  const vocabulary = config.number("vocab_size");
  const inner = config.number("ffn_dim");
  const maximumLength = config.number("max_position_embeddings", 2048);
  const padId = config.optionalNumber("pad_token_id") ?? 1;
  const scale = config.boolean("scale_embedding", true) ? Math.sqrt(width) : 1;
  const rate = (key: string, fallback: number) => (dropout ? config.number(key, fallback) : 0);
  const rates: Settings["rates"] = {
    residual: rate("dropout", 0.1),
    attention: rate("attention_dropout", 0.1),
    activation: rate("activation_dropout", 0),
  };
  config.expect("activation_function", ["gelu"], "gelu");

  const tiedHead = !source.has("lm_head.weight") || config.boolean("tie_word_embeddings", true);
  const tree = {
    model: {
      embed_tokens: { weight: source.tensor("model.embed_tokens.weight", [vocabulary, width]) },
      layers: Array.from({ length: config.number("num_layers") }, (_, i) =>
        readBlock(source, `model.layers.${i}`, width, inner),
      ),
      layer_norm: source.layerNorm("model.layer_norm", width),
    },
    ...(!tiedHead && { lm_head: { weight: source.tensor("lm_head.weight", [vocabulary, width]) } as Linear }),
  };
  source.ignore("lm_head.weight");
  source.ignore("model.embed_positions.weights");
  const positions = sinusoidalPositions(maximumLength, width, positionOffset);
  const table = device === "cpu" ? positions : ops.toDevice(positions, device);

  const common: ModelConfig = {
    family: "xglm",
    layers: config.number("num_layers"),
    width,
    heads,
    vocabulary,
    maximumLength,
    tiedHead,
    padId,
    hasDropout: rates.residual > 0 || rates.attention > 0 || rates.activation > 0,
  };
  return {
    config: common,
    tree,
    embed({ ids }, pass) {
      const embedded = embedding(tree.model.embed_tokens.weight, ids, padId); // [B T D]
      const here = ops.toDtype(positionRows(table, pass, ids.size(1)), embedded.dtype); // [T D] or [B T D]
      return drop(ops.add(ops.mul(embedded, scale), here), rates.residual, pass.training);
    },
    attention: (index, h, pass) => attention(tree.model.layers[index]!, h, pass, index, { heads, rates }),
    neurons: (index, middle, pass) => neurons(tree.model.layers[index]!, middle, pass, { heads, rates }),
    output: (index, middle, values, { training }) =>
      ops.add(middle, drop(linear(tree.model.layers[index]!.fc2, values, training), rates.residual, training)),
    norm: (h) => layerNorm(tree.model.layer_norm, h),
    unembedding: () => tree.lm_head ?? tree.model.embed_tokens,
  };
}
