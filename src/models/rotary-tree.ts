import type { GatedMlp, Linear, RmsNorm, Rotary } from "../nn/index.ts";
import type { ConfigReader } from "./config.ts";
import type { ModelConfig } from "./family.ts";
import { longestRow } from "./rotary-config.ts";
import type { WeightSource } from "./weights.ts";

/** What a config says of the sizes of any decoder with rotary positions, under the keys that all of them share. */
export interface RotarySizes {
  /** D */
  width: number;
  /** H, heads of queries */
  heads: number;
  /** K, heads of keys and values; divides H */
  groups: number;
  /** E */
  headWidth: number;
  /** F */
  inner: number;
  /** L */
  layers: number;
  /** V */
  vocabulary: number;
  /** ε of the norms */
  epsilon: number;
}

/** `absent` holds what the family's reference takes for keys that a config leaves out. */
export function readSizes(config: ConfigReader, absent: { headWidth?: number; groups?: number } = {}): RotarySizes {
  const width = config.number("hidden_size");
  const heads = config.number("num_attention_heads");
  const groups = config.optionalNumber("num_key_value_heads") ?? absent.groups ?? heads;
  const headWidth = config.optionalNumber("head_dim") ?? absent.headWidth ?? width / heads;
  if (heads % groups !== 0)
    throw new Error(
      `${config.path}: num_key_value_heads is ${groups}; expected a divisor of num_attention_heads, ${heads}.`,
    );
  if (headWidth % 2 !== 0)
    throw new Error(`${config.path}: heads are ${headWidth} wide; rotary positions need an even width (head_dim).`);
  return {
    width,
    heads,
    groups,
    headWidth,
    inner: config.number("intermediate_size"),
    layers: config.number("num_hidden_layers"),
    vocabulary: config.number("vocab_size"),
    epsilon: config.number("rms_norm_eps", 1e-6),
  };
}

/** The config that every family has, out of keys that these families share. */
export function commonConfig(
  config: ConfigReader,
  sizes: RotarySizes,
  own: Pick<ModelConfig, "family" | "tiedHead" | "hasDropout"> & { rotary: Rotary },
): ModelConfig {
  const { scaling } = own.rotary;
  return {
    family: own.family,
    layers: sizes.layers,
    width: sizes.width,
    heads: sizes.heads,
    vocabulary: sizes.vocabulary,
    maximumLength: longestRow(config, own.rotary),
    ...(scaling.type === "dynamic" && { stretchesBeyond: scaling.original }),
    tiedHead: own.tiedHead,
    padId: config.optionalNumber("pad_token_id"),
    hasDropout: own.hasDropout,
  };
}

export function readGatedMlp(source: WeightSource, name: string, sizes: RotarySizes, bias: boolean): GatedMlp {
  const { width, inner } = sizes;
  return {
    gate_proj: source.linear(`${name}.gate_proj`, inner, width, { bias }),
    up_proj: source.linear(`${name}.up_proj`, inner, width, { bias }),
    down_proj: source.linear(`${name}.down_proj`, width, inner, { bias }),
  };
}

/** Parameters of a whole decoder with blocks of type B; without `lm_head` the embedding is the head too. */
export interface RotaryTree<B> {
  [key: string]: unknown;
  model: { embed_tokens: Linear; layers: B[]; norm: RmsNorm };
  lm_head?: Linear;
}

/** Reads the embedding, the blocks by `block(name)`, the last norm by `norm(name)`, and the head where it is not tied. */
export function readRotaryTree<B>(
  source: WeightSource,
  sizes: RotarySizes,
  tiedHead: boolean,
  read: { block: (name: string) => B; norm: (name: string) => RmsNorm },
): RotaryTree<B> {
  const table = (name: string) => source.linear(name, sizes.vocabulary, sizes.width, { bias: false });
  if (tiedHead) source.ignore("lm_head.weight");
  return {
    model: {
      embed_tokens: table("model.embed_tokens"),
      layers: Array.from({ length: sizes.layers }, (_, index) => read.block(`model.layers.${index}`)),
      norm: read.norm("model.norm"),
    },
    ...(!tiedHead && { lm_head: table("lm_head") }),
  };
}
