import { expect, test } from "vitest";
import { uniform } from "../stats/random.ts";
import { tensor } from "../tensor/index.ts";
import { umap } from "./umap.ts";

const [groups, each, width] = [3, 20, 10];
const n = groups * each;

/** Three groups of points that lie far apart in ten dimensions, the groups in turn. */
const points = tensor(
  Float64Array.from({ length: n * width }, (_, k) => {
    const [row, d] = [Math.floor(k / width), k % width];
    return uniform(5, k) + (d === row % groups ? 10 : 0);
  }),
  { shape: [n, width], dtype: "float64" },
);

test("UMAP keeps neighbours together; a seed always gives the same map, another seed another one", () => {
  const map = umap(points, { seed: 3 });
  expect(map).toHaveLength(2 * n);
  const distance = (i: number, j: number) => Math.hypot(map[2 * i]! - map[2 * j]!, map[2 * i + 1]! - map[2 * j + 1]!);
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
    const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
    expect(nearest % groups).toBe(i % groups);
  }
  expect(umap(points, { seed: 3 })).toEqual(map);
  expect(umap(points, { seed: 4 })).not.toEqual(map);
});

test("UMAP draws a handful of points too", () => {
  const few = tensor([[0, 0, 1], [0, 0, 1.1], [5, 5, 5]], { dtype: "float64" }); // biome-ignore format: one line
  expect([...umap(few, { seed: 0 })].every(Number.isFinite)).toBe(true);
});
