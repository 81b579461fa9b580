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
  attn: { attention: { q_proj: Linear; k_proj: Linear; v_proj: Linear; out_proj: Linear } };
  ln_2: LayerNorm;
  mlp: { c_fc: Linear; c_proj: Linear };
}

interface Settings {
  heads: number;
  epsilon: number;
  /** how many positions a query of each block sees, itself included; undefined: all */
  windows: (number | undefined)[];
  rates: { embedding: number; attention: number; residual: number };
}

function selfAttention(
  p: Block["attn"]["attention"],
  x: Tensor,
  pass: Pass,
  index: number,
  { heads, rates, windows }: Settings,
): Tensor {
  const project = (part: Linear) => splitHeads(linear(part, x, pass.training), heads); // [B H T E]
  const mixed = attend([project(p.q_proj), project(p.k_proj), project(p.v_proj)], pass, index, {
    scale: 1, // GPT-Neo does not scale q·k
    dropout: rates.attention,
    window: windows[index],
  });
  return linear(p.out_proj, mixed, pass.training);
}

/** Pre-norm attention on the residual stream. [B T D] → [B T D] */
function attention(p: Block, h: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { epsilon, rates } = settings;
  const mixed = selfAttention(p.attn.attention, layerNorm(p.ln_1, h, epsilon), pass, index, settings);
  return ops.add(h, drop(mixed, rates.residual, pass.training));
}

/** Pre-norm GELU feed-forward layer. [B T D] → [B T F] */
function neurons(p: Block, middle: Tensor, { training }: Pass, { epsilon }: Settings): Neurons {
  const active = ops.gelu(linear(p.mlp.c_fc, layerNorm(p.ln_2, middle, epsilon), training), "tanh");
  return { active, values: active };
}

function readBlock(source: WeightSource, name: string, width: number, inner: number): Block {
  const attention = `${name}.attn.attention`;
  const projection = (part: string) => source.linear(`${attention}.${part}`, width, width, { bias: false });
  // causal masks, which old checkpoints carry along
  source.ignore(`${attention}.bias`);
  source.ignore(`${attention}.masked_bias`);
  return {
    ln_1: source.layerNorm(`${name}.ln_1`, width),
    attn: {
      attention: {
        q_proj: projection("q_proj"),
        k_proj: projection("k_proj"),
        v_proj: projection("v_proj"),
        out_proj: source.linear(`${attention}.out_proj`, width, width),
      },
    },
    ln_2: source.layerNorm(`${name}.ln_2`, width),
    mlp: {
      c_fc: source.linear(`${name}.mlp.c_fc`, inner, width),
      c_proj: source.linear(`${name}.mlp.c_proj`, width, inner),
    },
  };
}

/** `attention_types` is a list of [kinds, times]: [[["global", "local"], 12]] alternates through 24 blocks. */
function readWindows(config: ConfigReader, layers: number): Settings["windows"] {
  const types = config.raw.attention_types ?? [[["global", "local"], layers / 2]];
  const refuse = () =>
    new Error(
      `${config.path}: attention_types: expected ${layers} blocks as [[kinds, times], …] with the kinds "global" and "local", received ${JSON.stringify(types)}.`,
    );
  if (!Array.isArray(types)) throw refuse();
  const kinds = types.flatMap((item: unknown): unknown[] => {
    if (!Array.isArray(item) || !Array.isArray(item[0]) || !Number.isInteger(item[1]) || item[1] < 0) throw refuse();
    return Array.from({ length: item[1] as number }, () => item[0] as unknown[]).flat();
  });
  if (kinds.length !== layers || kinds.some((kind) => kind !== "global" && kind !== "local")) throw refuse();
  const window = config.number("window_size", 256);
  return kinds.map((kind) => (kind === "local" ? window : undefined));
}

function readSettings(config: ConfigReader, layers: number, dropout: boolean): Settings {
  const rate = (key: string) => (dropout ? config.number(key, 0) : 0);
  config.expect("activation_function", ["gelu_new", "gelu_pytorch_tanh"], "gelu_new");
  return {
    heads: config.number("num_heads"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    windows: readWindows(config, layers),
    rates: { embedding: rate("embed_dropout"), attention: rate("attention_dropout"), residual: rate("resid_dropout") },
  };
}

/**
 * GPT-Neo (Black et al. 2021): pre-norm decoder, learned positions, unscaled attention, of which some blocks see a window.
 * Reference: transformers' modeling_gpt_neo.py 4.57.
 */
export function gptNeo(config: ConfigReader, source: WeightSource, { dropout }: FamilyOptions): Family {
  const width = config.number("hidden_size");
  const layers = config.number("num_layers");
  const vocabulary = config.number("vocab_size");
  const maximumLength = config.number("max_position_embeddings", 2048);
  const inner = config.optionalNumber("intermediate_size") ?? 4 * width;
  const settings = readSettings(config, layers, dropout);
  const { heads, epsilon, rates } = settings;

  const { body, tiedHead, tree, omittedPrefix, unembedding } = readDecoder(config, source, "wte.weight", (prefix) => ({
    wte: { weight: source.tensor(`${prefix}wte.weight`, [vocabulary, width]) },
    wpe: { weight: source.tensor(`${prefix}wpe.weight`, [maximumLength, width]) },
    h: Array.from({ length: layers }, (_, i) => readBlock(source, `${prefix}h.${i}`, width, inner)),
    ln_f: source.layerNorm(`${prefix}ln_f`, width),
  }));
  return {
    config: {
      family: "gpt_neo",
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
