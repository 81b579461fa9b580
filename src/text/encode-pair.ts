import type { Tokenizer } from "./tokenizer.ts";

/** A text to score, given what stands before it. */
export interface TextPair {
  context: string;
  continuation: string;
}

/** The token ids of a pair; the model reads `context` and is scored on `continuation`. */
export interface EncodedPair {
  context: number[];
  continuation: number[];
  /** whether the two texts together do not begin with the tokens of the context alone */
  boundaryMerged: boolean;
}

/**
 * Encodes pairs as lm-evaluation-harness does: trailing white space of the context goes to the continuation, both are
 * encoded together and cut at the length of the context's own encoding; an empty context is BOS (EOS where there is
 * none). Source: `_encode_pair` and `loglikelihood` of lm_eval 0.4.13.
 * @throws Error when nothing is left to score, or when a context is empty and the tokenizer has neither BOS nor EOS
 */
export async function encodePairs(tokenizer: Tokenizer, pairs: readonly TextPair[]): Promise<EncodedPair[]> {
  const prefixId = tokenizer.bosId ?? tokenizer.eosId;
  const prefix = prefixId === undefined ? "" : await tokenizer.decode([prefixId], { skipSpecialTokens: false });
  const moved = pairs.map(withWhitespaceMoved);
  const filled = moved.filter((_, i) => pairs[i]!.context !== "");
  // a text that already begins with BOS gets no further special tokens
  const begins = (text: string) => prefix !== "" && text.startsWith(prefix);
  const texts = filled.flatMap(({ context, continuation }) => [context, context + continuation]);
  const whole = await encodeUnique(
    tokenizer,
    texts.filter((text) => !begins(text)),
    true,
  );
  const bare = await encodeUnique(
    tokenizer,
    [...texts.filter(begins), ...pairs.filter(({ context }) => context === "").map(({ continuation }) => continuation)],
    false,
  );
  const encode = (text: string) => (begins(text) ? bare : whole).get(text)!;
  return pairs.map((pair, i) => {
    const { context, continuation } = moved[i]!;
    const result =
      pair.context === ""
        ? afterPrefix(bare.get(pair.continuation)!, prefixId)
        : cut(encode(context), encode(context + continuation));
    if (result.continuation.length === 0) throw nothingToScore(pair, i, result.boundaryMerged);
    return result;
  });
}

/** White space as Python's `str.rstrip` sees it: JavaScript's class lacks five control characters and has U+FEFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the separators that Python counts
const whitespace = /[\s\x1c-\x1f\x85]/;

function withWhitespaceMoved({ context, continuation }: TextPair): TextPair {
  let end = context.length;
  while (end > 0 && context[end - 1] !== "\uFEFF" && whitespace.test(context[end - 1]!)) end--;
  return { context: context.slice(0, end), continuation: context.slice(end) + continuation };
}

async function encodeUnique(tokenizer: Tokenizer, texts: string[], addSpecialTokens: boolean) {
  const unique = [...new Set(texts)];
  const encoded = await tokenizer.encodeBatch(unique, { addSpecialTokens });
  return new Map(unique.map((text, i) => [text, encoded[i]!.ids]));
}

function afterPrefix(ids: number[], prefixId: number | undefined): EncodedPair {
  if (prefixId === undefined)
    throw new Error("A pair has an empty context, but the tokenizer has neither a BOS nor an EOS token to begin with.");
  const rest = ids[0] === prefixId ? ids.slice(1) : ids;
  return { context: [prefixId], continuation: rest, boundaryMerged: false };
}

function cut(context: number[], whole: number[]): EncodedPair {
  return {
    context,
    continuation: whole.slice(context.length),
    boundaryMerged: context.some((id, i) => whole[i] !== id),
  };
}

function nothingToScore({ context, continuation }: TextPair, index: number, merged: boolean): Error {
  const why = merged ? "its tokens merge with the last token of the context" : "it has no tokens of its own";
  return new Error(
    `Pair ${index} (from 0): the continuation ${JSON.stringify(continuation)} after ` +
      `${JSON.stringify(context.slice(-40))} leaves nothing to score: ${why}. Give a continuation with text, ` +
      "or put a space between the two.",
  );
}
