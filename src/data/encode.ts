import type { Tokenizer } from "../text/tokenizer.ts";
import type { Instruction } from "./instructions.ts";
import type { SentencePair } from "./sentence-pair.ts";

/** A sentence pair as token ids, special tokens included. */
export interface EncodedPair {
  left: Int32Array;
  right: Int32Array;
  /** a hard negative: a sentence that does not translate the left one */
  negative?: Int32Array;
}

/** A prompt with its answer as one row of ids; the first `promptLength` are not supervised. */
export interface EncodedPrompt {
  ids: Int32Array;
  promptLength: number;
}

/** Token ids of both sides, each cut to `maximumLength`; what the tokenizer puts behind a text stays. */
export async function encodePairs(
  tokenizer: Tokenizer,
  pairs: readonly (SentencePair & { negative?: string })[],
  maximumLength: number,
): Promise<EncodedPair[]> {
  const [left, right, negatives] = await Promise.all([
    tokenizer.encodeBatch(pairs.map(({ a }) => a)),
    tokenizer.encodeBatch(pairs.map(({ b }) => b)),
    tokenizer.encodeBatch(pairs.flatMap(({ negative }) => negative ?? [])),
  ]);
  const { suffixIds } = tokenizer;
  const cut = ({ ids }: { ids: number[] }) =>
    Int32Array.from(
      ids.length <= maximumLength ? ids : [...ids.slice(0, maximumLength - suffixIds.length), ...suffixIds],
    );
  let hard = 0;
  return pairs.map(({ negative }, i) => ({
    ...{ left: cut(left[i]!), right: cut(right[i]!) },
    ...(negative !== undefined && { negative: cut(negatives[hard++]!) }),
  }));
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

export interface PromptEncoding {
  /** add EOS after the answer, so that it is learned too; default true */
  endOfAnswer?: boolean;
  /** let the post-processor add its special tokens; default true; rendered chats have theirs in the text */
  addSpecialTokens?: boolean;
  /** keep rows of which nothing is left to learn, as AFP's collation does; default false */
  keepUnsupervised?: boolean;
}

/**
 * Prompt and answer as one row: the prompt's length in tokens is the longest common prefix of the two encodings (as in AFP's
 * collation), and EOS after the answer is learned too. Rows whose answer falls beyond `maximumLength` are left out.
 */
export async function encodePrompts(
  tokenizer: Tokenizer,
  rows: readonly Instruction[],
  maximumLength: number,
  { endOfAnswer = true, addSpecialTokens = true, keepUnsupervised = false }: PromptEncoding = {},
): Promise<EncodedPrompt[]> {
  const { eosId } = tokenizer;
  if (endOfAnswer && eosId === undefined)
    throw new Error("The tokenizer has no EOS token, so a model could not learn where an answer ends.");
  const [whole, prompts] = await Promise.all([
    tokenizer.encodeBatch(
      rows.map(({ prompt, answer }) => prompt + answer),
      { addSpecialTokens },
    ),
    tokenizer.encodeBatch(
      rows.map(({ prompt }) => prompt),
      { addSpecialTokens },
    ),
  ]);
  return rows.flatMap((_, i): EncodedPrompt[] => {
    const full = whole[i]!.ids;
    const prefix = commonPrefix(full, prompts[i]!.ids);
    const end = endOfAnswer && full.at(-1) !== eosId ? [eosId!] : [];
    const ids = Int32Array.from([...full, ...end].slice(0, maximumLength));
    if (keepUnsupervised) return [{ ids, promptLength: prefix }];
    // the very first token has nothing before it that could predict it
    const promptLength = Math.max(1, prefix);
    return promptLength < ids.length ? [{ ids, promptLength }] : [];
  });
}

/**
 * Documents joined in order and cut into rows of `blockLength`; the remainder is a shorter row. Each begins as the tokenizer
 * begins a text and ends with EOS, which is there once where the beginning of the next text is EOS (XGLM's `</s>`).
 */
export async function encodeText(
  tokenizer: Tokenizer,
  documents: readonly string[],
  blockLength: number,
): Promise<Int32Array[]> {
  const { prefixIds, suffixIds, eosId } = tokenizer;
  const ending = eosId === undefined || prefixIds.includes(eosId) || suffixIds.includes(eosId) ? [] : [eosId];
  const stream: number[] = [];
  for (const { ids } of await tokenizer.encodeBatch(documents)) for (const id of [...ids, ...ending]) stream.push(id);
  const rows: Int32Array[] = [];
  for (let at = 0; at < stream.length; at += blockLength) {
    const row = Int32Array.from(stream.slice(at, at + blockLength));
    if (row.length > 1) rows.push(row); // a single token predicts nothing
  }
  return rows;
}
