import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import { unitRows } from "./unit-rows.ts";

/** Who is whose nearest neighbour among N parallel sentences, by an [N N] similarity matrix with the pairs on the diagonal. */
export interface Retrieval {
  /** column of row i's largest entry; the first of equals */
  nearest: Int32Array;
  /** row of column j's largest entry; the first of equals */
  nearestBack: Int32Array;
  /** the column whose entry is strictly larger than all others of row i and of that column; −1 where there is none */
  partner: Int32Array;
  /** row i's largest entry is i */
  forward: boolean[];
  /** column i's largest entry is i */
  backward: boolean[];
  /** entry (i, i) is strictly larger than all others of its row and of its column: MEXA's criterion (Kargaran et al. 2025) */
  mutual: boolean[];
}

/** Cosine similarities in float64. u: [N D], v: [M D] → [N M] */
export const cosineMatrix = (u: Tensor, v: Tensor): Tensor =>
  noGrad(() => scope(() => ops.matmul(unitRows(u), ops.transpose(unitRows(v), 0, 1))));

/** The largest entry of each row, and whether it stands alone. */
function rowMaxima(scores: Float64Array, count: number): { at: Int32Array; alone: Uint8Array } {
  const at = new Int32Array(count);
  const alone = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const start = i * count;
    let best = 0;
    let single = 1;
    for (let j = 1; j < count; j++) {
      const difference = scores[start + j]! - scores[start + best]!;
      if (difference > 0) {
        best = j;
        single = 1;
      } else if (difference === 0) single = 0;
    }
    at[i] = best;
    alone[i] = single;
  }
  return { at, alone };
}

/** Retrieval of translations by similarity; `scores` is [N N]. */
export function retrieval(scores: Tensor): Retrieval {
  const count = scores.size(0);
  const flat = (x: Tensor) => ops.toDtype(x, "float64").toArray() as Float64Array;
  const [rows, columns] = scope(() => [
    rowMaxima(flat(scores), count),
    rowMaxima(flat(ops.contiguous(ops.transpose(scores, 0, 1))), count),
  ]);
  const partner = rows.at.map((j, i) => (rows.alone[i] && columns.alone[j] && columns.at[j] === i ? j : -1));
  return {
    nearest: rows.at,
    nearestBack: columns.at,
    partner,
    forward: Array.from(rows.at, (j, i) => j === i),
    backward: Array.from(columns.at, (i, j) => i === j),
    mutual: Array.from(partner, (j, i) => j === i),
  };
}
