import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** weight of the penalty per training row, on features of variance 1 */
const penalty = 0.01;

/**
 * A linear classifier by ridge regression on one-hot labels, features scaled to mean 0 and variance 1 by the training rows: closed
 * form, so that two runs agree. train: [N D] with N labels 0 … classes − 1, test: [M D] → M labels
 */
export function linearProbe(train: Tensor, labels: ArrayLike<number>, classes: number, test: Tensor): Int32Array {
  return noGrad(() =>
    scope(() => {
      const wide = ops.toDtype(train, "float64");
      const [n, width] = wide.shape as [number, number];
      const centre = ops.mean(wide, [0], true); // [1 D]
      const centred = ops.sub(wide, centre);
      const deviation = ops.div(ops.normAlong(centred, 2, [0], true), Math.sqrt(n)); // [1 D]
      const scaled = ops.div(centred, ops.clampMin(deviation, 1e-12));
      const targets = new Float64Array(n * classes).fill(-1 / classes);
      for (let row = 0; row < n; row++) targets[row * classes + labels[row]!]! += 1;
      const flipped = ops.transpose(scaled, 0, 1);
      const ridge = ops.mul(identity(width), n * penalty);
      const weights = ops.solve(
        ops.add(ops.matmul(flipped, scaled), ridge),
        ops.matmul(flipped, tensor(targets, { shape: [n, classes], dtype: "float64" })),
      ); // [D C]
      const asked = ops.div(ops.sub(ops.toDtype(test, "float64"), centre), ops.clampMin(deviation, 1e-12));
      return Int32Array.from(ops.argmax(ops.matmul(asked, weights), 1).toArray() as BigInt64Array, Number);
    }),
  );
}

function identity(size: number): Tensor {
  const flat = new Float64Array(size * size);
  for (let i = 0; i < size; i++) flat[i * size + i] = 1;
  return tensor(flat, { shape: [size, size], dtype: "float64" });
}
