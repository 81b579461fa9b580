import type { Tokenizer } from "../text/tokenizer.ts";

/** GPT-2's alphabet: a byte that prints stands for itself, the others for the characters from U+0100 on. */
function byteOfCharacter(): ReadonlyMap<string, number> {
  const prints = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return new Map(
    Array.from({ length: 256 }, (_, byte) => [String.fromCodePoint(prints(byte) ? byte : next++), byte] as const),
  );
}
const alphabet = byteOfCharacter();

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");

/** The bytes that a token's spelling stands for, where it is one of bytes. */
function bytesOf(spelling: string): number[] | undefined {
  const single = /^<0x([0-9A-Fa-f]{2})>$/.exec(spelling);
  if (single) return [Number.parseInt(single[1]!, 16)];
  const bytes = [...spelling].map((character) => alphabet.get(character));
  return bytes.every((byte) => byte !== undefined) ? bytes : undefined;
}

/**
 * A token as people can read it: parts of characters as ⟨E4 BD⟩, a word's beginning as ▁, a combining mark on a dotted circle, line
 * ends and other invisible characters by their escapes.
 */
export function shownToken(spelling: string, decoded: string): string {
  if (decoded.includes("\ufffd")) {
    const bytes = bytesOf(spelling);
    return bytes === undefined ? spelling : `⟨${bytes.map(hex).join(" ")}⟩`;
  }
  const start = spelling.startsWith("▁") || /^ \S/.test(decoded) ? "▁" : "";
  const text = decoded.trimStart() === "" ? decoded : decoded.replace(/^ +/, "");
  if (text === "") return spelling;
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    // joiners belong to the writing of many languages
    /[\u200c\u200d]/.test(character)
      ? character
      : JSON.stringify(character)
          .slice(1, -1)
          .replace(/^[^\\]$/, escaped),
  );
  const marked = /^\p{Mark}/u.test(visible) ? `\u25cc${visible}` : visible;
  return start + (marked.trim() === "" ? "␣".repeat([...marked].length) : marked);
}

const escaped = (character: string): string => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;

/** Ids as people can read them. */
export async function shownTokens(tokenizer: Tokenizer, ids: readonly number[]): Promise<string[]> {
  const decoded = await tokenizer.decodeBatch(
    ids.map((id) => [id]),
    { skipSpecialTokens: false },
  );
  return tokenizer.tokens(ids).map((spelling, i) => shownToken(spelling, decoded[i]!));
}
