import type { Piece } from "./sentencepiece.ts";

/**
 * The merges of a SentencePiece BPE model, which has only pieces with scores: every split of a piece into two pieces, the
 * best score first. Source: `generate_merges` of transformers' convert_slow_tokenizer.
 * @param pieces scores by piece; of a piece that occurs twice the last score counts, at the place of the first
 * @param ids piece → id
 */
export function mergesOf(pieces: readonly Pick<Piece, "text" | "score">[], ids: ReadonlyMap<string, number>) {
  const scores = new Map(pieces.map(({ text, score }) => [text, score]));
  const merges: { left: string; right: string; score: number; lengths: [number, number] }[] = [];
  for (const [text, score] of scores) {
    const characters = [...text];
    const own: typeof merges = [];
    let left = "";
    for (let i = 1; i < characters.length; i++) {
      left += characters[i - 1];
      const right = text.slice(left.length);
      if (ids.has(left) && ids.has(right)) own.push({ left, right, score, lengths: [i, characters.length - i] });
    }
    own.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!);
    merges.push(...own);
  }
  // sorts are stable, as Python's is, also in its reverse order
  merges.sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
  return merges.map(({ left, right }): [string, string] => [left, right]);
}
