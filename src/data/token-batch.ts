/** Token rows of one batch, padded on the right. */
export interface TokenBatch {
  rows: number;
  columns: number;
  /** [rows columns], row-major, `padId` behind each row's end */
  ids: Int32Array;
  /** tokens of each row without padding */
  lengths: Int32Array;
  /** [rows columns], the id to predict at its own place (not shifted), −100 where nothing is supervised */
  labels?: Int32Array;
  /** [rows columns], place of each token in its own sequence, where a row holds several */
  positions?: Int32Array;
  /** [rows columns], number of each token's sequence in its row, where it holds several; none sees another */
  segments?: Int32Array;
}

/** The label of a position that is not supervised. */
export const ignoredLabel = -100;

/**
 * Joins rows of different lengths into one batch.
 * @throws Error when labels and rows do not match in number or length
 */
export function padRows(rows: readonly Int32Array[], padId: number, labels?: readonly Int32Array[]): TokenBatch {
  const lengths = Int32Array.from(rows, (row) => row.length);
  const columns = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const batch = { rows: rows.length, columns, ids: filled(rows, columns, padId), lengths };
  if (!labels) return batch;
  const wrong = labels.length === rows.length ? labels.findIndex((row, i) => row.length !== lengths[i]) : labels.length;
  if (wrong >= 0)
    throw new Error(
      `Row ${wrong} of ${rows.length}: expected ${lengths[wrong] ?? "no"} labels, got ${labels[wrong]?.length ?? "none"}.`,
    );
  return { ...batch, labels: filled(labels, columns, ignoredLabel) };
}

/** The rows of a batch in at most `pieces` groups. */
export function rowGroups(batch: TokenBatch, pieces: number): TokenBatch[] {
  const { rows, columns, lengths } = batch;
  const count = Math.min(pieces, rows);
  if (count === 1) return [batch];
  return Array.from({ length: count }, (_, piece): TokenBatch => {
    const [from, to] = [Math.round((piece * rows) / count), Math.round(((piece + 1) * rows) / count)];
    const cut = (flat: Int32Array) => flat.subarray(from * columns, to * columns);
    const { ids, labels, positions, segments } = batch;
    return {
      rows: to - from,
      columns,
      ids: cut(ids),
      lengths: lengths.subarray(from, to),
      ...(labels && { labels: cut(labels) }),
      ...(positions && { positions: cut(positions) }),
      ...(segments && { segments: cut(segments) }),
    };
  });
}

function filled(rows: readonly Int32Array[], columns: number, padding: number): Int32Array {
  const flat = new Int32Array(rows.length * columns).fill(padding);
  rows.forEach((row, i) => {
    flat.set(row, i * columns);
  });
  return flat;
}
