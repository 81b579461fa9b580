import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** Mean similarity of each row and of each column to its k largest entries. [N M] → [N 1] and [1 M] */
function neighbourhoods(scores: Tensor, k: number): [rows: Tensor, columns: Tensor] {
  const meanOfLargest = (x: Tensor) => ops.mean(ops.topk(x, Math.min(k, x.size(1)))[0], [1], true);
  const columns = meanOfLargest(ops.contiguous(ops.transpose(scores, 0, 1))); // [M 1]
  return [meanOfLargest(scores), ops.transpose(columns, 0, 1)];
}

/**
 * Ratio margin: cosines divided by the mean similarity of both sides' k nearest, so that hubs stop being everyone's neighbour
 * (Artetxe and Schwenk 2019). [N M] → [N M]
 */
export const ratioMargin = (cosines: Tensor, k: number): Tensor =>
  noGrad(() =>
    scope(() => {
      const [rows, columns] = neighbourhoods(cosines, k);
      return ops.div(cosines, ops.div(ops.add(rows, columns), 2));
    }),
  );

/** Cross-domain similarity local scaling: 2 cos − both sides' mean to the k nearest (Conneau et al. 2018). [N M] → [N M] */
export const csls = (cosines: Tensor, k: number): Tensor =>
  noGrad(() =>
    scope(() => {
      const [rows, columns] = neighbourhoods(cosines, k);
      return ops.sub(ops.mul(cosines, 2), ops.add(rows, columns));
    }),
  );
