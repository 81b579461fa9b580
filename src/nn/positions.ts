import { embedding, ops, type Tensor, tensor } from "../tensor/index.ts";
import type { Pass } from "./pass.ts";

/** A table's rows for the positions of T tokens. [positions E] → [T E], or [B T E] where the pass gives positions */
export const positionRows = (table: Tensor, pass: Pass, length: number): Tensor =>
  pass.positions === undefined ? ops.narrow(table, 0, pass.reach - length, length) : embedding(table, pass.positions);

/**
 * Sinusoidal positions as fairseq and XGLM have them: sines in the first half of the row, cosines in the second, with
 * frequencies 10000^(−i/(D/2 − 1)). `first` is the row of the first position. → [count D]
 */
export function sinusoidalPositions(count: number, width: number, first: number): Tensor {
  const half = Math.floor(width / 2);
  const step = Math.fround(Math.log(10_000) / (half - 1));
  const rows = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < half; i++) {
      // float32 throughout, as the reference computes its table
      const angle = Math.fround((first + row) * Math.fround(Math.exp(Math.fround(i * -step))));
      rows[row * width + i] = Math.sin(angle);
      rows[row * width + half + i] = Math.cos(angle);
    }
  }
  return tensor(rows, { shape: [count, width] });
}
