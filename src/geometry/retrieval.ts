import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** Which of N parallel sentences find their translation, in an [N N] similarity matrix with the pairs on the diagonal. */
export interface Retrieval {
  /** row i's largest entry is i (first index wins a tie) */
  forward: boolean[];
  /** column i's largest entry is i */
  backward: boolean[];
  /** entry (i, i) is strictly larger than all others of its row and of its column: MEXA's criterion (Kargaran et al. 2025) */
  mutual: boolean[];
}

/** Cosine similarities in float64. u: [N D], v: [M D] → [N M] */
export function cosineMatrix(u: Tensor, v: Tensor): Tensor {
  return noGrad(() =>
    scope(() => {
      const unit = (x: Tensor) => {
        const wide = ops.toDtype(x, "float64");
        return ops.div(wide, ops.clampMin(ops.normAlong(wide, 2, [1], true), 1e-300));
      };
      return ops.matmul(unit(u), ops.transpose(unit(v), 0, 1));
    }),
  );
}

/** Retrieval of translations by similarity; `scores` is [N N]. */
export function retrieval(scores: Tensor): Retrieval {
  const count = scores.size(0);
  const s = scores.toArray() as Float64Array;
  const rows = Array.from({ length: count }, () => ({ best: 0, other: Number.NEGATIVE_INFINITY }));
  const columns = Array.from({ length: count }, () => ({ best: 0, other: Number.NEGATIVE_INFINITY }));
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const score = s[i * count + j]!;
      if (score > s[i * count + rows[i]!.best]!) rows[i]!.best = j;
      if (score > s[columns[j]!.best * count + j]!) columns[j]!.best = i;
      if (i === j) continue;
      rows[i]!.other = Math.max(rows[i]!.other, score);
      columns[j]!.other = Math.max(columns[j]!.other, score);
    }
  }
  const all = Array.from({ length: count }, (_, i) => i);
  return {
    forward: all.map((i) => rows[i]!.best === i),
    backward: all.map((i) => columns[i]!.best === i),
    mutual: all.map((i) => s[i * count + i]! > rows[i]!.other && s[i * count + i]! > columns[i]!.other),
  };
}
