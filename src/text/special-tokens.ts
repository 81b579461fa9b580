import { type Role, roles, type TokenizerClass } from "./tokenizer-class.ts";
import { type AddedToken, isObject, type Json } from "./tokenizer-file.ts";

/** A special token: only its text, or with how it is found in a text. */
export type SpecialToken = string | DeclaredToken;
/** `normalized` absent: a special token is not, others are */
export type DeclaredToken = Pick<AddedToken, "content"> & Partial<Omit<AddedToken, "content" | "id">>;

export interface SpecialTokens {
  roles: Partial<Record<Role, SpecialToken>>;
  additional: SpecialToken[];
  /** what tokenizer_config.json or added_tokens.json lists, in the order of ids */
  declared: DeclaredToken[];
  /** texts that only the class names: they get no new ids, for which a model would have no row */
  assumed: ReadonlySet<string>;
}

/** The small files beside a tokenizer; an absent one is {}. */
export interface TokenizerSettings {
  /** tokenizer_config.json */
  config: Json;
  /** special_tokens_map.json */
  map: Json;
  /** added_tokens.json: text → id */
  added: Json;
  /** config.json */
  model: Json;
  /** the added tokens of a tokenizer.json that the class makes anew */
  replaced?: readonly AddedToken[];
}

export const textOf = (token: SpecialToken): string => (typeof token === "string" ? token : token.content);

/**
 * The special tokens of a folder. tokenizer_config.json decides, an explicit null included; where it lists no
 * `added_tokens_decoder` the older special_tokens_map.json stands above it; then the defaults of the class.
 * Source: `PreTrainedTokenizerBase._from_pretrained` of transformers 4.57.6.
 * @param converted whether the tokenizer is made of a SentencePiece model
 */
export function specialTokens(settings: TokenizerSettings, of: TokenizerClass, converted = false): SpecialTokens {
  const { config, map } = settings;
  const listed = isObject(config.added_tokens_decoder);
  const sources = listed ? [config] : [map, config];
  const declared = listed ? declaredIn(config.added_tokens_decoder as Json) : addedLater(settings);
  const given: SpecialTokens["roles"] = {};
  const assumed: SpecialTokens["roles"] = {};
  for (const role of roles) {
    const value = sources.map((source) => source[`${role}_token`]).find((each) => each !== undefined);
    const token = tokenOf(value);
    if (token !== undefined) given[role] = declared.find(({ content }) => content === textOf(token)) ?? token;
    else if (value === undefined && of.defaults[role] !== undefined) assumed[role] = of.defaults[role];
  }
  const listedToo = [...sources.flatMap((source) => listOf(source.additional_special_tokens)), ...extra(config)];
  const additional = listedToo.map(tokenOf).filter((token) => token !== undefined);
  const stated = new Set([...Object.values(given), ...additional, ...declared].map(textOf));
  const unstated = [...Object.values(assumed), ...(of.additional ?? [])].map(textOf);
  return {
    roles: withFlags({ ...given, ...assumed }, of, converted),
    additional: [...additional, ...(of.additional ?? [])],
    declared,
    assumed: new Set(unstated.filter((text) => !stated.has(text))),
  };
}

const extra = ({ extra_special_tokens: tokens }: Json): unknown[] => (isObject(tokens) ? Object.values(tokens) : []);

/** Classes wrap a bare text in a token with flags of their own. */
function withFlags(tokens: SpecialTokens["roles"], { found, foundOnlyConverted }: TokenizerClass, converted: boolean) {
  if (found === undefined || (foundOnlyConverted && !converted)) return tokens;
  const wrapped = roles.flatMap((role) => {
    const token = tokens[role];
    if (token === undefined) return [];
    return [[role, typeof token === "string" && found[role] ? { content: token, ...found[role] } : token]];
  });
  return Object.fromEntries(wrapped) as SpecialTokens["roles"];
}

function declaredIn(decoder: Json): DeclaredToken[] {
  return Object.entries(decoder)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, token]) => tokenOf(token))
    .filter((token) => typeof token === "object");
}

/** What folders from before `added_tokens_decoder` list: added_tokens.json, and tokenizer.json where it is replaced. */
function addedLater({ config, map, added, replaced = [] }: TokenizerSettings): DeclaredToken[] {
  const special = new Set(
    [map, config].flatMap((source) =>
      [...roles.map((role) => source[`${role}_token`]), ...listOf(source.additional_special_tokens)]
        .map(tokenOf)
        .filter((token) => token !== undefined)
        .map(textOf),
    ),
  );
  const tokens = new Map<number, DeclaredToken>();
  for (const [content, id] of Object.entries(added))
    tokens.set(Number(id), { content, special: special.has(content), normalized: !special.has(content) });
  for (const { id, ...token } of replaced) tokens.set(id, token);
  return [...tokens].sort(([a], [b]) => a - b).map(([, token]) => token);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const flags = ["single_word", "lstrip", "rstrip", "normalized", "special"] as const;

function tokenOf(value: unknown): SpecialToken | undefined {
  if (typeof value === "string") return value;
  if (!isObject(value) || typeof value.content !== "string") return undefined;
  const set = flags.filter((flag) => typeof value[flag] === "boolean").map((flag) => [flag, value[flag]]);
  return { content: value.content, ...Object.fromEntries(set) };
}
