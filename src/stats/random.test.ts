import { expect, test } from "vitest";
import { integer, permutation, threefry, uniform } from "./random.ts";

test("Threefry-2x32-20 gives the known answers of Random123", () => {
  const hex = (words: number[]) => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
  expect(hex(threefry([0, 0], [0, 0]))).toBe("6b200159 99ba4efe");
  expect(hex(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]))).toBe("1cb996fc bb002be7");
  expect(hex(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]))).toBe("c4923a9c 483df7a0");
});

test("uniform depends on every argument and on their order, and on nothing else", () => {
  const values = [[0], [1], [-1], [0, 0], [0, 1], [1, 0], [0, 0, 0], [2 ** 32], [0, 2 ** 32], [2 ** 40 + 7, 3]];
  const drawn = values.map(([seed, ...counters]) => uniform(seed!, ...counters));
  expect(new Set(drawn).size).toBe(values.length);
  expect(values.map(([seed, ...counters]) => uniform(seed!, ...counters))).toEqual(drawn);
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
});

test("uniform is uniform, also along neighbouring seeds and counters", () => {
  for (const draw of [(i: number) => uniform(i), (i: number) => uniform(7, i), (i: number) => uniform(7, i, 3)]) {
    const bins = new Array<number>(20).fill(0);
    let product = 0;
    for (let i = 0; i < 40_000; i++) {
      bins[Math.floor(draw(i) * 20)]!++;
      product += (draw(i) - 0.5) * (draw(i + 1) - 0.5);
    }
    const chi2 = bins.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chi2).toBeLessThan(43.8); // 19 degrees of freedom, p = 0.001
    expect(Math.abs(product / 40_000)).toBeLessThan(0.002); // 5 standard errors
  }
});

test("integer stays below its bound and reaches all values", () => {
  const seen = new Set(Array.from({ length: 500 }, (_, i) => integer(7, 3, i)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("permutation has every index once, and each seed and epoch its own order", () => {
  const order = permutation(1000, 5, 2);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(permutation(1000, 5, 2)).toEqual(order);
  expect(permutation(1000, 5, 3)).not.toEqual(order);
  expect(permutation(1000, 6, 2)).not.toEqual(order);
  expect(permutation(0, 1)).toHaveLength(0);
});

test("all orders of three are equally likely", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const key = permutation(3, seed).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
