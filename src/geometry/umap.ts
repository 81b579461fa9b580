import { UMAP } from "umap-js";
import { pythonRandom } from "../stats/python-random.ts";
import type { Tensor } from "../tensor/index.ts";
import { squaredDistances } from "./squared-distances.ts";

export interface UmapOptions {
  seed: number;
  /** neighbours that a point is tied to, itself among them; all others at most */
  neighbours?: number;
  minimumDistance?: number;
}

/** The k nearest of each of n points and how far they are, nearest first. Every point is its own first neighbour. */
function nearest(squares: Float64Array, n: number, k: number): { indices: number[][]; distances: number[][] } {
  const indices = Array.from({ length: n }, (_, i) => {
    const row = squares.subarray(i * n, (i + 1) * n);
    const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
    return [i, ...others.sort((a, b) => row[a]! - row[b]! || a - b).slice(0, k - 1)];
  });
  const distances = indices.map((row, i) =>
    row.map((j) => (i === j ? 0 : Math.sqrt(Math.max(0, squares[i * n + j]!)))),
  );
  return { indices, distances };
}

/**
 * UMAP (McInnes, Healy and Melville 2018) in two dimensions, from exact neighbours; the same seed gives the same map. For the eye only:
 * neither distances between groups nor their sizes mean anything, and another seed draws another map. x: [N D], N > 2 → flat [N 2]
 */
export function umap(x: Tensor, { seed, neighbours = 15, minimumDistance = 0.1 }: UmapOptions): Float64Array {
  const n = x.size(0);
  const nNeighbors = Math.min(neighbours, n - 1);
  const { indices, distances } = nearest(squaredDistances(x), n, nNeighbors);
  const map = new UMAP({ nNeighbors, minDist: minimumDistance, random: pythonRandom(seed).random });
  map.setPrecomputedKNN(indices, distances);
  // with neighbours given, nothing but the number of points is read from these
  return Float64Array.from(map.fit(indices).flat());
}
