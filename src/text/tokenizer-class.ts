import type { Layout } from "./sentencepiece-layout.ts";
import type { AddedToken, Json } from "./tokenizer-file.ts";

/** The roles that a special token can have, in the order in which transformers adds them. */
export const roles = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const;
export type Role = (typeof roles)[number];

export type Flags = Partial<Pick<AddedToken, "lstrip" | "normalized" | "special">>;

/** What a tokenizer class of transformers assumes and changes. */
export interface TokenizerClass {
  /** texts of the special tokens where the folder's files are silent */
  defaults: Partial<Record<Role, string>>;
  /** further special tokens, where the vocabulary has them */
  additional?: readonly string[];
  /** how it reads a SentencePiece model */
  layout?: Layout;
  /** how it finds a special token of which only the text is given */
  found?: Partial<Record<Role, Flags>>;
  /** whether `found` counts only for a tokenizer made of a SentencePiece model */
  foundOnlyConverted?: true;
  /** whether `add_bos_token` and `add_eos_token` replace the post-processor */
  setsAffixes?: true;
}

const verbatim: Flags = { normalized: false, special: true };
const four = { bos: verbatim, eos: verbatim, unk: verbatim, pad: verbatim };
const byteFallback = { found: four, foundOnlyConverted: true, setsAffixes: true } as const;
const fairseq = { bos: "<s>", eos: "</s>", pad: "<pad>", unk: "<unk>", sep: "</s>", cls: "<s>" };

/**
 * Matched against `tokenizer_class`, else the model's type. Source: the default arguments and constructors of the classes
 * in transformers 4.57.6; any other class assumes nothing.
 */
const classes: readonly (readonly [RegExp, TokenizerClass])[] = [
  [/^gpt_?(2|neo)/i, { defaults: { bos: "<|endoftext|>", eos: "<|endoftext|>", unk: "<|endoftext|>" } }],
  [/^bloom/i, { defaults: { bos: "<s>", eos: "</s>", pad: "<pad>", unk: "<unk>" } }],
  [
    /^xglm/i,
    { defaults: fairseq, additional: Array.from({ length: 7 }, (_, i) => `<madeupword${i}>`), layout: "xglm" },
  ],
  [
    /^xlm-?roberta/i,
    { defaults: { ...fairseq, mask: "<mask>" }, found: { mask: { lstrip: true } }, layout: "xlm-roberta" },
  ],
  [
    /^(llama|mistral|codellama)/i,
    { defaults: { bos: "<s>", eos: "</s>", unk: "<unk>" }, layout: "llama", ...byteFallback },
  ],
  [/^qwen[23]/i, { defaults: { eos: "<|endoftext|>", pad: "<|endoftext|>", unk: "<|endoftext|>" }, found: four }],
  [
    /^gemma/i,
    { defaults: { bos: "<bos>", eos: "<eos>", pad: "<pad>", unk: "<unk>" }, layout: "gemma", ...byteFallback },
  ],
];

/** The class that tokenizer_config.json, else config.json names; one that assumes nothing where neither does. */
export function tokenizerClass(config: Json, model: Json): TokenizerClass {
  const named = [config.tokenizer_class, model.tokenizer_class, model.model_type].find(
    (name) => typeof name === "string",
  );
  return classes.find(([pattern]) => pattern.test(String(named ?? "")))?.[1] ?? { defaults: {} };
}
