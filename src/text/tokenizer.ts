import type { Encoding, Tokenizer as Native } from "tokenizers";
import { resolveModel } from "../hub/resolve.ts";
import { type Decoder, decoderOf } from "./decoder.ts";
import { textOf } from "./special-tokens.ts";
import type { Role } from "./tokenizer-class.ts";
import { type TokenizerFile, tokenizerText } from "./tokenizer-file.ts";
import { readTokenizerFolder } from "./tokenizer-folder.ts";

export interface EncodeOptions {
  /** whether the post-processor adds its special tokens, such as XGLM's leading `</s>`; default true */
  addSpecialTokens?: boolean;
}

export interface Encoded {
  ids: number[];
  /**
   * flat [start, end, …] per id in Unicode code points of the text; 0, 0 for an added special token. Made when first read,
   * since they cost more than the ids
   */
  readonly offsets: number[];
}

/** A model's tokenizer: token ids as Hugging Face's fast tokenizer gives them. */
export interface Tokenizer {
  /** number of ids, added tokens included; a model's embedding may have more rows */
  vocabularySize: number;
  bosId?: number;
  eosId?: number;
  padId?: number;
  unkId?: number;
  /** `model_max_length`, absent where the folder sets no limit */
  maxLength?: number;
  /** ids that the post-processor puts in front of every text, such as [2] for XGLM */
  prefixIds: number[];
  /** ids that the post-processor puts behind every text */
  suffixIds: number[];
  encode(text: string, options?: EncodeOptions): Promise<Encoded>;
  encodeBatch(texts: readonly string[], options?: EncodeOptions): Promise<Encoded[]>;
  decode(ids: ArrayLike<number>, options?: { skipSpecialTokens?: boolean }): Promise<string>;
  decodeBatch(rows: readonly ArrayLike<number>[], options?: { skipSpecialTokens?: boolean }): Promise<string[]>;
  /** the vocabulary's spelling of each id, "" for an id that it lacks */
  tokens(ids: ArrayLike<number>): string[];
}

const textsPerCall = 1000;
/** the library aborts the process after 10 million steps back, which a run of spaces of that length takes */
const longestText = 4_000_000;
/** transformers writes 1e30 for "no limit" */
const largestLimit = 1e9;

/**
 * Reads the tokenizer of a Hugging Face folder or hub id: tokenizer.json, else a SentencePiece model (tokenizer.model), with
 * tokenizer_config.json and special_tokens_map.json; see docs/tokenizers.md.
 * @throws Error when there is none, or when it is broken, or when a part of it would abort or stall the process
 */
export async function loadTokenizer(place: string): Promise<Tokenizer> {
  const { path, file, config, tokens } = await readTokenizerFolder(await resolveModel(place));
  const native = await makeNative(path, file);
  const id = (role: Role) => {
    const token = tokens.roles[role];
    return token === undefined ? undefined : (native.tokenToId(textOf(token)) ?? undefined);
  };
  const ids = { bosId: id("bos"), eosId: id("eos"), padId: id("pad"), unkId: id("unk") };
  const limit = config.model_max_length;
  return {
    vocabularySize: native.getVocabSize(true),
    ...Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined)),
    ...(typeof limit === "number" && limit <= largestLimit ? { maxLength: limit } : {}),
    ...(await affixes(native)),
    ...codec(native, decoderOf(native, file.added_tokens), config.clean_up_tokenization_spaces === true),
  };
}

async function makeNative(path: string, file: TokenizerFile): Promise<Native> {
  const { Tokenizer } = await import("tokenizers");
  try {
    return Tokenizer.fromString(tokenizerText(file));
  } catch (cause) {
    throw new Error(`${path}: not a tokenizer: ${(cause as Error).message}`, { cause });
  }
}

/** What surrounds a text's own tokens, seen on a letter that every vocabulary encodes to something. */
async function affixes(native: Native): Promise<{ prefixIds: number[]; suffixIds: number[] }> {
  const encoding = await native.encode("a", null, { addSpecialTokens: true });
  const ids = encoding.getIds();
  const own = encoding.getSpecialTokensMask().map((added) => added === 0);
  return { prefixIds: ids.slice(0, own.indexOf(true)), suffixIds: ids.slice(own.lastIndexOf(true) + 1) };
}

function codec(native: Native, decoder: Decoder, cleanUp: boolean) {
  const encodeBatch = async (texts: readonly string[], options: EncodeOptions = {}) => {
    const { addSpecialTokens = true } = options;
    const long = texts.findIndex(({ length }) => length > longestText);
    if (long >= 0)
      throw new Error(
        `Text ${long} (from 0) has ${texts[long]!.length} characters, at most ${longestText} are encoded at once. Cut it at line ends.`,
      );
    return inChunks(texts, (chunk) => native.encodeBatch(chunk, { addSpecialTokens }), encoded);
  };
  const decodeBatch = async (rows: readonly ArrayLike<number>[], { skipSpecialTokens = true } = {}) => {
    const plain = rows.map((row) => Array.from(row));
    const finish = cleanUp ? withoutDetachedPunctuation : (text: string) => text;
    return inChunks(plain, (chunk) => decoder.decodeBatch(chunk, skipSpecialTokens), finish);
  };
  return {
    encodeBatch,
    decodeBatch,
    encode: async (text: string, options?: EncodeOptions) => (await encodeBatch([text], options))[0]!,
    decode: async (ids: ArrayLike<number>, options?: { skipSpecialTokens?: boolean }) =>
      (await decodeBatch([ids], options))[0]!,
    tokens: (ids: ArrayLike<number>) => Array.from(ids, (id) => decoder.tokenOf(id) ?? ""),
  };
}

/** The library's thread works on the next chunk while the results of one are taken over. */
async function inChunks<In, Raw, Out>(
  items: readonly In[],
  run: (chunk: In[]) => Promise<Raw[]>,
  take: (raw: Raw) => Out,
): Promise<Out[]> {
  const results: Out[] = [];
  const begin = (start: number) => (start < items.length ? run(items.slice(start, start + textsPerCall)) : undefined);
  let running = begin(0);
  for (let start = textsPerCall; running !== undefined; start += textsPerCall) {
    const raw = await running;
    running = begin(start);
    for (const each of raw) results.push(take(each));
  }
  return results;
}

function encoded(encoding: Encoding): Encoded {
  let offsets: number[] | undefined;
  return {
    ids: encoding.getIds(),
    get offsets() {
      offsets ??= encoding.getOffsets().flat();
      return offsets;
    },
  };
}

/** What transformers does after decoding when `clean_up_tokenization_spaces` is set. */
function withoutDetachedPunctuation(text: string): string {
  return [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"].reduce(
    (result, detached) => result.replaceAll(detached, detached.trim()),
    text,
  );
}
