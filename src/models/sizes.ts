import type { ConfigReader } from "./config.ts";

/** What a config says of a model's sizes, whatever its family calls them. */
export interface ModelSizes {
  /** L */
  layers: number;
  /** D */
  width: number;
  /** H */
  heads: number;
  /** K, heads of keys and values; undefined where the config does not say */
  groups: number | undefined;
  /** V */
  vocabulary: number;
  /** longest row that the config names; undefined where positions have no end */
  positions: number | undefined;
}

/** The keys of the families, in the order in which they hold where a config has several. */
const keys = {
  layers: ["num_hidden_layers", "num_layers", "n_layer"],
  width: ["n_embed", "hidden_size", "d_model", "n_embd"],
  heads: ["num_attention_heads", "attention_heads", "num_heads", "n_head"],
  vocabulary: ["vocab_size"],
} as const;

function first(config: ConfigReader, names: readonly string[]): number {
  const name = names.find((key) => config.raw[key] !== undefined && config.raw[key] !== null);
  if (name === undefined) throw new Error(`${config.path}: expected a number for ${names.join(" or ")}, found none.`);
  return config.number(name);
}

/** XGLM computes a row for each of its positions when it loads. */
const mostSinusoids = 2 ** 15;

/**
 * Reads the sizes of any supported family, without its weights.
 * @throws Error where one is absent, absurd, or the heads do not divide the width
 */
export function modelSizes(config: ConfigReader): ModelSizes {
  const width = first(config, keys.width);
  const heads = first(config, keys.heads);
  if (config.optionalNumber("head_dim") === undefined && width % heads !== 0)
    throw new Error(
      `${config.path}: ${heads} heads do not divide the width of ${width}; expected a divisor, or head_dim.`,
    );
  const key = ["max_position_embeddings", "n_positions", "seq_length"].find((name) => name in config.raw);
  const positions = key === undefined ? undefined : config.optionalNumber(key);
  if (config.raw.model_type === "xglm" && (positions ?? 0) > mostSinusoids)
    throw new Error(`${config.path}: expected at most ${mostSinusoids} for ${key}, received ${positions}.`);
  return {
    layers: first(config, keys.layers),
    width,
    heads,
    groups: config.optionalNumber("num_key_value_heads"),
    vocabulary: first(config, keys.vocabulary),
    positions,
  };
}
