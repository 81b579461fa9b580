import { ops, type Tensor } from "../tensor/index.ts";

/**
 * ALiBi's slopes (Press et al. 2022): powers of 2^(−8/n) for n heads; where n is not a power of two, those of the power below,
 * then every second one of the power above.
 */
export function alibiSlopes(heads: number): Float32Array {
  const below = 2 ** Math.floor(Math.log2(heads));
  const slope = (of: number, power: number) => 2 ** ((-8 * power) / of);
  return Float32Array.from({ length: heads }, (_, i) =>
    i < below ? slope(below, i + 1) : slope(2 * below, 2 * (i - below) + 1),
  );
}

/**
 * What ALiBi adds to the scores: slope · key position. A query's own position would add the same to all of its scores, which
 * softmax does not see. slopes: [H] → [1 H 1 T]
 */
export function alibiBias(slopes: Tensor, length: number): Tensor {
  const position = ops.arange(length, "float32", slopes.device);
  return ops.mul(ops.view(slopes, [1, slopes.size(0), 1, 1]), position);
}
