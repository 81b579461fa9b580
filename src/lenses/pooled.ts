import { type Pooling, pool } from "../nn/index.ts";
import { autocast, ops, type Tensor, tensor } from "../tensor/index.ts";

/** Share of each token in each weighted sum, rows adding up to 1. → [B P T] */
function shares(lengths: ArrayLike<number>, columns: number, sums: readonly Pooling[], device: string): Tensor {
  const flat = new Float32Array(lengths.length * sums.length * columns);
  let at = 0;
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    for (const pooling of sums) {
      const total = (length * (length + 1)) / 2;
      if (pooling === "last") flat[at + length - 1] = 1;
      else for (let t = 0; t < length; t++) flat[at + t] = pooling === "mean" ? 1 / length : (t + 1) / total;
      at += columns;
    }
  }
  return tensor(flat, { shape: [lengths.length, sums.length, columns], device });
}

/**
 * What pools right-padded states of one batch, [B T D], in several ways: all weighted sums are one product, prepared once for all
 * layers. `each` gets the vector of every row and pooling.
 */
export function pooler(
  lengths: ArrayLike<number>,
  columns: number,
  poolings: readonly Pooling[],
  device: string,
): (h: Tensor, each: (row: number, pooling: number, vector: Float32Array) => void) => void {
  const sums = poolings.filter((pooling) => pooling !== "max");
  const weights = sums.length > 0 ? shares(lengths, columns, sums, device) : undefined;
  return (h, each) =>
    // a mean in half precision would lose what the model computed
    autocast(device, "float32", () => {
      const states = ops.toDtype(h, "float32");
      const width = h.size(2);
      const give = (parts: readonly Pooling[], vectors: Float32Array) => {
        for (let row = 0; row < lengths.length; row++)
          for (const [i, pooling] of parts.entries()) {
            const start = (row * parts.length + i) * width;
            each(row, poolings.indexOf(pooling), vectors.subarray(start, start + width));
          }
      };
      if (weights !== undefined) give(sums, ops.bmm(weights, states).toFloats()); // [B P D]
      if (sums.length < poolings.length) give(["max"], pool(states, lengths, "max").toFloats());
    });
}
