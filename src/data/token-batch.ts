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

function filled(rows: readonly Int32Array[], columns: number, padding: number): Int32Array {
  const flat = new Int32Array(rows.length * columns).fill(padding);
  rows.forEach((row, i) => {
    flat.set(row, i * columns);
  });
  return flat;
}
