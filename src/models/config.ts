import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJsonObject, shown } from "./json-object.ts";
import { textConfig } from "./text-part.ts";

export { readJsonObject } from "./json-object.ts";

/** A config.json, read key by key with errors that name the file and what was expected. */
export interface ConfigReader {
  path: string;
  raw: Record<string, unknown>;
  /** A key that all families know must lie within what a model can have. */
  number(key: string, fallback?: number): number;
  optionalNumber(key: string): number | undefined;
  boolean(key: string, fallback: boolean): boolean;
  /** Refuses a value that this family does not implement. */
  expect(key: string, allowed: readonly string[], fallback: string): string;
}

/** What is believed of a key: no model has more, and nothing is allocated for what is refused. */
interface Bounds {
  least: number;
  most: number;
  whole: boolean;
}

const each = (bounds: Bounds, ...keys: string[]): Record<string, Bounds> =>
  Object.fromEntries(keys.map((key) => [key, bounds]));
const count = (most: number, least = 1): Bounds => ({ least, most, whole: true });
const real = (least: number, most: number): Bounds => ({ least, most, whole: false });
const layers = 10_000;
const positions = 2 ** 26;

const known: Record<string, Bounds> = {
  ...each(count(layers), "num_hidden_layers", "num_layers", "n_layer", "sliding_window_pattern"),
  ...each(count(layers, 0), "max_window_layers"),
  ...each(count(2 ** 16), "num_attention_heads", "num_key_value_heads", "attention_heads", "num_heads", "n_head"),
  ...each(count(2 ** 20), "hidden_size", "d_model", "n_embd", "n_embed", "head_dim"),
  ...each(count(2 ** 22), "intermediate_size", "ffn_dim", "n_inner"),
  ...each(count(2 ** 26), "vocab_size"),
  ...each(count(2 ** 26, -1), "pad_token_id"),
  ...each(count(positions), "max_position_embeddings", "original_max_position_embeddings", "n_positions", "seq_length"),
  ...each(count(positions), "sliding_window", "window_size"),
  ...each(real(1e-12, 1e12), "rope_theta", "rope_local_base_freq", "query_pre_attn_scalar"),
  ...each(real(1e-6, 1e6), "factor", "low_freq_factor", "high_freq_factor", "attention_factor"),
  ...each(real(1e-6, 1e6), "attn_logit_softcapping", "final_logit_softcapping"),
  ...each(real(0, 1), "rms_norm_eps", "layer_norm_epsilon", "layer_norm_eps"),
  ...each(real(0, 1), "dropout", "attention_dropout", "activation_dropout", "hidden_dropout", "embed_dropout"),
  ...each(real(0, 1), "resid_dropout", "embd_pdrop", "attn_pdrop", "resid_pdrop"),
  ...each(real(0, 1), "hidden_dropout_prob", "attention_probs_dropout_prob"),
};

/** Reads a folder's config.json; of a model with images, the part that is the language model. */
export function readConfig(folder: string): ConfigReader {
  const path = join(folder, "config.json");
  if (!existsSync(path))
    throw new Error(
      `${folder}: expected a Hugging Face model folder, found no config.json in it.${existsSync(join(folder, "adapter_config.json")) ? " It is a PEFT adapter: give it as the adapter, and its base as the model." : ""}`,
    );
  return configReader(textConfig(readJsonObject(path)), path);
}

/** Reads a config object; `path` is what errors call it. */
export function configReader(raw: Record<string, unknown>, path: string): ConfigReader {
  const check = (key: string, value: unknown): number => {
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new Error(`${path}: expected a number for ${key}, received ${shown(raw[key])}.`);
    const { least, most, whole } = known[key] ?? real(-Infinity, Infinity);
    if (value < least || value > most || (whole && !Number.isInteger(value)))
      throw new Error(
        `${path}: expected a ${whole ? "whole " : ""}number from ${least} to ${most} for ${key}, received ${value}.`,
      );
    return value;
  };
  return {
    path,
    raw,
    number: (key, fallback) => check(key, raw[key] ?? fallback),
    optionalNumber: (key) => (raw[key] === undefined || raw[key] === null ? undefined : check(key, raw[key])),
    boolean(key, fallback) {
      const value = raw[key] ?? fallback;
      if (typeof value !== "boolean")
        throw new Error(`${path}: expected true or false for ${key}, received ${shown(value)}.`);
      return value;
    },
    expect(key, allowed, fallback) {
      const value = raw[key] ?? fallback;
      if (typeof value === "object" || !allowed.includes(String(value)))
        throw new Error(
          `${path}: ${key} is ${typeof value === "string" ? value.slice(0, 80) : shown(value)}; implemented: ${allowed.join(", ")}.`,
        );
      return String(value);
    },
  };
}
