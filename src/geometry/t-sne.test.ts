import { expect, test } from "vitest";
import { uniform } from "../stats/random.ts";
import { tensor } from "../tensor/index.ts";
import { jointProbabilities, tSne } from "./t-sne.ts";

const [groups, each, width] = [3, 20, 10];

/** Three groups of points that lie far apart in ten dimensions. */
const points = tensor(
  Float64Array.from({ length: groups * each * width }, (_, k) => {
    const [row, d] = [Math.floor(k / width), k % width];
    return uniform(5, k) + (d === Math.floor(row / each) ? 10 : 0);
  }),
  { shape: [groups * each, width], dtype: "float64" },
);

test("neighbour probabilities have the perplexity asked for", () => {
  const n = groups * each;
  const p = jointProbabilities(points, 8);
  expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  for (let i = 0; i < n; i++) {
    expect(p[i * n + i]).toBe(0);
    for (let j = 0; j < n; j++) expect(p[i * n + j]).toBeCloseTo(p[j * n + i]!, 12);
  }
  // outside of a group there is next to nothing
  let outside = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (Math.floor(i / each) !== Math.floor(j / each)) outside += p[i * n + j]!;
  expect(outside).toBeLessThan(1e-6);
});

test("t-SNE keeps neighbours together, and two runs agree to the bit", () => {
  const map = tSne(points, { perplexity: 8 });
  expect(tSne(points, { perplexity: 8 })).toEqual(map);
  const n = groups * each;
  const distance = (i: number, j: number) => Math.hypot(map[2 * i]! - map[2 * j]!, map[2 * i + 1]! - map[2 * j + 1]!);
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
    const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
    expect(Math.floor(nearest / each)).toBe(Math.floor(i / each));
  }
});
