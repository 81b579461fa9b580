import type { Tokenizer } from "../text/tokenizer.ts";

/** Unicode's name and ISO 15924's code of the scripts that are told apart. */
const scripts: readonly (readonly [name: string, code: string])[] = [
  ["Latin", "Latn"],
  ["Cyrillic", "Cyrl"],
  ["Greek", "Grek"],
  ["Han", "Hani"],
  ["Hiragana", "Kana"],
  ["Katakana", "Kana"],
  ["Hangul", "Hang"],
  ["Arabic", "Arab"],
  ["Hebrew", "Hebr"],
  ["Devanagari", "Deva"],
  ["Bengali", "Beng"],
  ["Gurmukhi", "Guru"],
  ["Gujarati", "Gujr"],
  ["Oriya", "Orya"],
  ["Tamil", "Taml"],
  ["Telugu", "Telu"],
  ["Kannada", "Knda"],
  ["Malayalam", "Mlym"],
  ["Sinhala", "Sinh"],
  ["Thai", "Thai"],
  ["Lao", "Laoo"],
  ["Khmer", "Khmr"],
  ["Myanmar", "Mymr"],
  ["Tibetan", "Tibt"],
  ["Ethiopic", "Ethi"],
  ["Georgian", "Geor"],
  ["Armenian", "Armn"],
];
const patterns = scripts.map(([name, code]) => [new RegExp(`\\p{Script=${name}}`, "gu"), code] as const);

/** What a token is where it has no letters: part of a character's bytes, the model's own marks, or anything else. */
export type NoScript = "bytes" | "special" | "none";

/** ISO 15924 code of the script that most of a text's characters are of, or "none". Kana counts for both syllabaries. */
export function scriptOf(text: string): string {
  const counts = new Map<string, number>();
  for (const [pattern, code] of patterns) {
    const found = text.match(pattern)?.length ?? 0;
    if (found > 0) counts.set(code, (counts.get(code) ?? 0) + found);
  }
  const most = [...counts].reduce<[string, number]>((best, each) => (each[1] > best[1] ? each : best), ["none", 0]);
  return most[0];
}

/** The script of every id up to `count` by what the id alone decodes to. */
export async function tokenScripts(tokenizer: Tokenizer, count: number): Promise<string[]> {
  const known = Math.min(count, tokenizer.vocabularySize);
  const texts = await tokenizer.decodeBatch(
    Array.from({ length: known }, (_, id) => [id]),
    { skipSpecialTokens: false },
  );
  const { bosId, eosId, padId, unkId, prefixIds, suffixIds } = tokenizer;
  const special = new Set([bosId, eosId, padId, unkId, ...prefixIds, ...suffixIds]);
  // rows of the unembedding that no token has are nobody's
  return Array.from({ length: count }, (_, id) => {
    if (id >= known || special.has(id)) return "special";
    return texts[id]!.includes("\ufffd") ? "bytes" : scriptOf(texts[id]!);
  });
}
