import { type DeclaredToken, type SpecialTokens, textOf } from "./special-tokens.ts";
import { roles, type TokenizerClass } from "./tokenizer-class.ts";
import {
  type AddedToken,
  type Json,
  type TemplateItem,
  type TokenizerFile,
  templateProcessing,
} from "./tokenizer-file.ts";

/**
 * What transformers' classes change in a tokenizer when they load it: the tokens that the folder's other files declare are
 * added, a leading space is as tokenizer_config.json says, and some classes put BOS and EOS around a text whatever the
 * post-processor was.
 * Source: `PreTrainedTokenizerFast.__init__` and `LlamaTokenizerFast.update_post_processor` of transformers 4.57.6.
 */
export function adapted(file: TokenizerFile, config: Json, tokens: SpecialTokens, of: TokenizerClass): TokenizerFile {
  const result = { ...file, added_tokens: withTokens(file, tokens) };
  if (of.setsAffixes) result.post_processor = affixes(result, config, tokens);
  const prefixed = config.add_prefix_space === true;
  if (file.pre_tokenizer?.type === "ByteLevel" && file.pre_tokenizer.add_prefix_space !== prefixed)
    result.pre_tokenizer = { ...file.pre_tokenizer, add_prefix_space: prefixed };
  return result;
}

function withTokens(file: TokenizerFile, tokens: SpecialTokens): AddedToken[] {
  const added = new Map(file.added_tokens.map((token) => [token.content, token]));
  const named = [...roles.flatMap((role) => tokens.roles[role] ?? []), ...tokens.additional];
  const texts = new Set(named.map(textOf));
  const specials = [...texts].map((text) => named.find((token) => textOf(token) === text)!);
  const known = new Set([...added.keys(), ...tokens.declared.map(textOf)]);
  // a token with flags is set again, a bare text only where it is not yet a token
  const isNew = (token: string | DeclaredToken) =>
    typeof token === "string" ? !known.has(token) : !tokens.declared.includes(token);
  for (const token of [...tokens.declared, ...specials.filter(isNew)]) {
    const { content, special: own = false, ...flags } = typeof token === "string" ? { content: token } : token;
    const before = added.get(content);
    const present = before?.id ?? file.model.vocabulary().idOf(content);
    if (content === "" || (present === undefined && tokens.assumed.has(content))) continue;
    const special = own || texts.has(content);
    const rest = { single_word: false, lstrip: false, rstrip: false, normalized: !special, ...flags };
    rest.normalized = stillNormalized(before, rest.normalized);
    added.set(content, { id: present ?? nextId(added, file), content, ...rest, special });
  }
  return [...added.values()].sort((a, b) => a.id - b.id);
}

/** Set again, a token keeps how it was first looked for; tokenizers 0.22, which the reference uses, looks in both ways. */
function stillNormalized(before: AddedToken | undefined, wanted: boolean): boolean {
  if (before === undefined) return wanted;
  return before.special ? before.normalized : before.normalized && wanted;
}

const nextId = (added: ReadonlyMap<string, AddedToken>, { model }: TokenizerFile): number =>
  [...added.values()].reduce((next, { id }) => Math.max(next, id + 1), model.vocabulary().size);

/** BOS and EOS as `add_bos_token` (default true) and `add_eos_token` (default false) say. */
function affixes({ added_tokens }: TokenizerFile, config: Json, { roles: { bos, eos } }: SpecialTokens): Json {
  const present = (token: string | DeclaredToken | undefined, wanted: boolean) =>
    added_tokens.filter(({ content }) => wanted && token !== undefined && content === textOf(token)).slice(0, 1);
  const before = present(bos, config.add_bos_token === undefined || config.add_bos_token === true);
  const after = present(eos, config.add_eos_token === true);
  const around = (text: "$A" | "$B", type: 0 | 1): TemplateItem[] => [
    ...before.map(({ content }) => [content, type] as const),
    [text, type],
    ...after.map(({ content }) => [content, type] as const),
  ];
  const ids = Object.fromEntries([...after, ...before].map(({ content, id }) => [content, id]));
  return templateProcessing(around("$A", 0), [...around("$A", 0), ...around("$B", 1)], ids);
}
