import type { EncodedPrompt } from "./encode.ts";
import { ignoredLabel, padRows, type TokenBatch } from "./token-batch.ts";

/** Labels of a row: its ids, except the prompt. */
export const promptLabels = ({ ids, promptLength }: EncodedPrompt): Int32Array =>
  ids.map((id, t) => (t < promptLength ? ignoredLabel : id));

const joined = (rows: readonly Int32Array[]): Int32Array => {
  const all = new Int32Array(rows.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
};

/**
 * Rows behind each other in one row, without padding and without sight of each other: `segments` and `positions` make the
 * result equal to that of separate rows. A row's first id is nobody's next token.
 */
export function packClean(rows: readonly Int32Array[], labels: readonly Int32Array[], padId: number): TokenBatch {
  const firstUnlabelled = labels.map((row) => row.map((id, t) => (t === 0 ? ignoredLabel : id)));
  return {
    ...padRows([joined(rows)], padId, [joined(firstUnlabelled)]),
    positions: joined(rows.map((row) => row.map((_, t) => t))),
    segments: joined(rows.map((row, i) => row.map(() => i))),
  };
}

/**
 * AFP's collation (official train.py): the rows of a batch are joined and cut into blocks, whatever they cut apart and let
 * see each other; a remainder is dropped, except where it is all there is. BOS and EOS are always learned, and the last token
 * of a block that would teach nothing.
 */
export function packPaper(
  rows: readonly EncodedPrompt[],
  { blockSize, special, padId }: { blockSize: number; special: readonly number[]; padId: number },
): TokenBatch {
  const [ids, masked] = [joined(rows.map((row) => row.ids)), joined(rows.map(promptLabels))];
  const length = Math.min(blockSize, ids.length);
  const count = Math.floor(ids.length / length);
  const block = (flat: Int32Array, i: number) => flat.slice(i * length, (i + 1) * length);
  const blocks = Array.from({ length: count }, (_, i) => block(ids, i));
  const labels = blocks.map((own, i) => {
    const answer = block(masked, i);
    const learned = own.map((id, t) => (special.includes(id) ? id : answer[t]!));
    // a block's first token is nobody's next one
    if (learned.every((label, t) => t === 0 || label === ignoredLabel)) learned[length - 1] = own[length - 1]!;
    return learned;
  });
  return padRows(blocks, padId, labels);
}
