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
 * softmax does not see. slopes: [H], positions: [S] or [B S] → [1 H 1 S] or [B H 1 S]
 */
export function alibiBias(slopes: Tensor, positions: Tensor): Tensor {
  const [batch, keys] = positions.shape.length === 1 ? [1, positions.size(0)] : [positions.size(0), positions.size(1)];
  const places = ops.toDtype(ops.view(positions, [batch, 1, 1, keys]), "float32");
  return ops.mul(ops.view(slopes, [1, slopes.size(0), 1, 1]), places);
}
