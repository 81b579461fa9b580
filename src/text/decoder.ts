import type { Tokenizer as Native } from "tokenizers";
import type { AddedToken } from "./tokenizer-file.ts";

export interface Decoder {
  decodeBatch(rows: number[][], skipSpecialTokens: boolean): Promise<string[]>;
  tokenOf(id: number): string | undefined;
}

/**
 * Decodes with the native library. From 0.23 on it spells an added token as the normalizer leaves it ("▁<sep>"), transformers
 * with 0.22 as it is written ("<sep>"): where the two differ, ids become tokens here and only the decoder is the library's.
 */
export function decoderOf(native: Native, added: readonly AddedToken[]): Decoder {
  const respelt = added.filter(({ id, content }) => native.idToToken(id) !== content);
  const written = new Map(respelt.map(({ id, content }) => [id, content]));
  const tokenOf = (id: number) => written.get(id) ?? native.idToToken(id) ?? undefined;
  if (written.size === 0) return { tokenOf, decodeBatch: (rows, skip) => native.decodeBatch(rows, skip) };
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  const decoder = native.getDecoder();
  const decode = (ids: number[], skip: boolean) => {
    const kept = ids.filter((id) => !skip || !special.has(id));
    const tokens = kept.map(tokenOf).filter((token) => token !== undefined);
    return decoder === null ? tokens.join(" ") : decoder.decode(tokens);
  };
  return { tokenOf, decodeBatch: async (rows, skip) => rows.map((ids) => decode(ids, skip)) };
}
