import type { Tokenizer } from "../text/tokenizer.ts";

const vocabularies = new WeakMap<Tokenizer, ReadonlyMap<string, number>>();

/** Spelling → id, made once per tokenizer. */
function vocabularyOf(tokenizer: Tokenizer): ReadonlyMap<string, number> {
  const known = vocabularies.get(tokenizer);
  if (known) return known;
  const ids = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
  const vocabulary = new Map(tokenizer.tokens(ids).map((token, id) => [token, id]));
  vocabularies.set(tokenizer, vocabulary);
  return vocabulary;
}

const prefixes = (word: string): string[] => [...word].map((_, i, points) => points.slice(0, i + 1).join(""));

/**
 * Ids of the tokens that can begin a label: every prefix of the word that is a token, bare or after `▁`, and the byte token of its
 * first UTF-8 byte where it does not begin with ASCII. Sorted. Source: `process_tokens` of Shimao-Zhang/LLM-Multilingual-Learner.
 */
export function labelTokens(word: string, vocabulary: ReadonlyMap<string, number>): number[] {
  const first = Buffer.from([...word][0] ?? "", "utf8")[0] ?? 0;
  const byte = first < 0x80 ? [] : [`<0x${first.toString(16).toUpperCase()}>`];
  const spellings = [...prefixes(word).flatMap((prefix) => [prefix, `▁${prefix}`]), ...byte];
  return sorted(spellings.flatMap((spelling) => vocabulary.get(spelling) ?? []));
}

const sorted = (ids: readonly number[]): number[] => [...new Set(ids)].sort((a, b) => a - b);

/**
 * The ids to sum over for each word. For Qwen, whose tokens are spelled in bytes, the paper's code adds the first token of every
 * prefix: `firstTokens`. An empty list scores 0; two equal lists make every item a tie.
 */
export async function labelTokenIds(
  tokenizer: Tokenizer,
  words: readonly string[],
  { firstTokens = false }: { firstTokens?: boolean } = {},
): Promise<number[][]> {
  const vocabulary = vocabularyOf(tokenizer);
  return Promise.all(
    words.map(async (word) => {
      const encoded = firstTokens ? await tokenizer.encodeBatch(prefixes(word)) : [];
      return sorted([...labelTokens(word, vocabulary), ...encoded.flatMap(({ ids }) => ids.slice(0, 1))]);
    }),
  );
}
