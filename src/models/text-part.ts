/** What a multimodal config's text part leaves out, by the whole's model_type: the defaults of transformers' own config class. */
const textDefaults: Record<string, Record<string, unknown>> = {
  gemma3: {
    model_type: "gemma3_text",
    vocab_size: 262_208,
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    max_position_embeddings: 131_072,
    bos_token_id: 2,
    eos_token_id: 1,
    pad_token_id: 0,
  },
};

/** Keys that a multimodal config has beside its text part and that are the text's too. */
const outerKeys = ["bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings"];

/** The config of the language model in a config: itself, or the text part of a model with images. */
export function textConfig(raw: Record<string, unknown>): Record<string, unknown> {
  const [type, part] = [raw.model_type, raw.text_config];
  const defaults = typeof type === "string" && Object.hasOwn(textDefaults, type) ? textDefaults[type] : undefined;
  if (defaults === undefined || typeof part !== "object" || part === null || Array.isArray(part)) return raw;
  const outer = outerKeys.filter((key) => raw[key] !== undefined && raw[key] !== null).map((key) => [key, raw[key]]);
  const own = Object.entries(part).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries([...outer, ...own]) };
}
