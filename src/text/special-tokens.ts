/** The roles that a special token can have. */
export type Role = "bos" | "eos" | "pad" | "unk";
type Texts = Partial<Record<Role, string>>;

const roles: readonly Role[] = ["bos", "eos", "pad", "unk"];

/**
 * What the tokenizer classes of transformers assume where a folder's files are silent, such as the published GPT-2's.
 * Source: the classes' default arguments. Matched against `tokenizer_class`, else `model_type` of config.json.
 */
const classDefaults: readonly (readonly [RegExp, Texts])[] = [
  [/^gpt_?(2|neo)/i, { bos: "<|endoftext|>", eos: "<|endoftext|>", unk: "<|endoftext|>" }],
  [/^(xglm|bloom|xlm-?roberta)/i, { bos: "<s>", eos: "</s>", pad: "<pad>", unk: "<unk>" }],
  [/^(llama|mistral|codellama)/i, { bos: "<s>", eos: "</s>", unk: "<unk>" }],
  [/^qwen[23]/i, { eos: "<|endoftext|>", pad: "<|endoftext|>", unk: "<|endoftext|>" }],
  [/^gemma/i, { bos: "<bos>", eos: "<eos>", pad: "<pad>", unk: "<unk>" }],
];

export type Json = Record<string, unknown>;

/**
 * The text of each special token, or none: tokenizer_config.json decides, an explicit null included, then
 * special_tokens_map.json, then the defaults of the tokenizer's class.
 */
export function specialTokens(config: Json, map: Json, modelType: string | undefined): Texts {
  const named = typeof config.tokenizer_class === "string" ? config.tokenizer_class : (modelType ?? "");
  const defaults = classDefaults.find(([pattern]) => pattern.test(named))?.[1] ?? {};
  const result: Texts = {};
  for (const role of roles) {
    const text = [config, map].map((source) => textOf(source[`${role}_token`])).find((value) => value !== undefined);
    const decided = text === undefined ? defaults[role] : text;
    if (decided !== null && decided !== undefined) result[role] = decided;
  }
  return result;
}

function textOf(value: unknown): string | null | undefined {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "object" && "content" in value && typeof value.content === "string") return value.content;
  return undefined;
}
