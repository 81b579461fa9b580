import { jsonSlices } from "./json-slices.ts";

/** An object of a JSON file whose fields are not yet checked. */
export type Json = Record<string, unknown>;

/** A token that is found in a text before the model splits the rest. */
export interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** The model of a tokenizer: how it splits, and its vocabulary, which is parsed only when it is asked for. */
export interface ModelPart {
  /** all but `vocab` and `merges` */
  settings: Json;
  /** the whole as JSON */
  text: string;
  /** the ids that the model itself gives */
  vocabulary(): { size: number; idOf(token: string): number | undefined };
}

/** tokenizer.json, the file format of the `tokenizers` library; a stage has a `type` and what it needs. */
export interface TokenizerFile {
  added_tokens: AddedToken[];
  normalizer: Json | null;
  pre_tokenizer: Json | null;
  post_processor: Json | null;
  decoder: Json | null;
  model: ModelPart;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads the text of a tokenizer.json. Truncation and padding are left out: a saved file may carry those of its last batch.
 * @throws Error saying what is wrong, without the file's name
 */
export function parseTokenizer(text: string): TokenizerFile {
  const slices = jsonSlices(text);
  const stage = (name: string): Json | null => {
    const value: unknown = JSON.parse(slices.get(name) ?? "null");
    if (value === null || isObject(value)) return value;
    throw new Error(`${name} is no JSON object`);
  };
  const added: unknown = JSON.parse(slices.get("added_tokens") ?? "[]");
  const isToken = (token: unknown) =>
    isObject(token) && typeof token.content === "string" && Number.isSafeInteger(token.id);
  if (!Array.isArray(added) || !added.every(isToken))
    throw new Error("added_tokens is no list of tokens with an id and a content");
  const model = slices.get("model");
  if (model === undefined) throw new Error("it has no model");
  return {
    added_tokens: added as AddedToken[],
    normalizer: stage("normalizer"),
    pre_tokenizer: stage("pre_tokenizer"),
    post_processor: stage("post_processor"),
    decoder: stage("decoder"),
    model: modelPart(model),
  };
}

export const tokenizerText = ({ model, ...rest }: TokenizerFile): string =>
  `${JSON.stringify({ version: "1.0", truncation: null, padding: null, ...rest }).slice(0, -1)},"model":${model.text}}`;

/** The model of which the JSON is given. Unigram has a list of [piece, score] as `vocab`, others a map token → id. */
export function modelPart(text: string): ModelPart {
  const slices = jsonSlices(text);
  const settings = [...slices].filter(([key]) => key !== "vocab" && key !== "merges");
  const vocabulary = () => {
    const vocab: unknown = JSON.parse(slices.get("vocab") ?? "{}");
    const pairs = Array.isArray(vocab)
      ? vocab.map((entry: unknown[], id) => [entry?.[0], id])
      : Object.entries(vocab ?? {});
    const ids = new Map(pairs as [string, number][]);
    return { size: pairs.length, idOf: (token: string) => ids.get(token) };
  };
  let known: ReturnType<typeof vocabulary>;
  return {
    settings: Object.fromEntries(settings.map(([key, slice]) => [key, JSON.parse(slice) as unknown])),
    text,
    vocabulary: () => {
      known ??= vocabulary();
      return known;
    },
  };
}

/** "$A" or "$B" for a text, else a special token; alone, or with the type id of what it belongs to. */
export type TemplateItem = string | readonly [item: string, typeId: 0 | 1];

/** A post-processor that puts special tokens around one text, and around the two of a pair. */
export function templateProcessing(
  single: readonly TemplateItem[],
  pair: readonly TemplateItem[],
  ids: Readonly<Record<string, number>>,
): Json {
  const item = (given: TemplateItem): Json => {
    const [id, type_id] = typeof given === "string" ? [given, 0] : given;
    return /^\$[AB]$/.test(id) ? { Sequence: { id: id.slice(1), type_id } } : { SpecialToken: { id, type_id } };
  };
  return {
    type: "TemplateProcessing",
    single: single.map(item),
    pair: pair.map(item),
    special_tokens: Object.fromEntries(
      Object.entries(ids).map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]),
    ),
  };
}
