import { describe, expect, test } from "vitest";
import { autocast, type Dtype, manualSeed, multipliesHalf, ops, scope, type Tensor } from "../tensor/index.ts";
import { product, rounded } from "./half-product.ts";

/** Distance of neighbouring numbers, relative to their size. */
const spacing = { bfloat16: 2 ** -7, float16: 2 ** -10 };

const drawn = (shape: readonly number[]): Tensor => {
  manualSeed(7);
  const x = ops.zeros(shape, "float32", "cpu");
  ops.normalInto(x, 0, 1);
  return x;
};

/** Largest difference, relative to the largest value. */
function apart(a: Tensor, b: Tensor): number {
  const [x, y] = [a.toFloats(), b.toFloats()];
  const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0) / largest;
}

describe.each(["bfloat16", "float16"] as const)("a product in %s", (type) => {
  test("is the exact one of the rounded operands, rounded once", () =>
    scope(() => {
      const [x, weight] = [drawn([5, 64]), ops.narrow(drawn([40, 64]), 0, 3, 32)];
      const got = autocast("cpu", type, () => product(ops.linearOp, x, weight));
      expect(got.dtype).toBe(type);
      const exact = ops.linearOp(
        ...([x, weight].map((a) => ops.toDtype(rounded(a, type), "float64")) as [Tensor, Tensor]),
      );
      expect(apart(got, exact)).toBeLessThanOrEqual(spacing[type] / 2);
      expect(apart(got, exact)).toBeGreaterThan(0);
    }));

  test("of operands that are stored so needs no autocast", () =>
    scope(() => {
      const half = (a: Tensor, to: Dtype) => ops.toDtype(a, to);
      const [x, weight] = [half(drawn([5, 64]), type), half(drawn([32, 64]), type)];
      const got = product(ops.linearOp, x, weight);
      expect(got.dtype).toBe(type);
      expect(apart(got, ops.linearOp(x, weight))).toBeLessThanOrEqual(spacing[type]);
    }));

  test("has the gradients of libtorch's own", () =>
    scope(() => {
      const gradients = [product, (multiply: typeof ops.linearOp, x: Tensor, w: Tensor) => multiply(x, w)].map(
        (way) => {
          const [x, weight] = [drawn([5, 64]), drawn([32, 64])];
          for (const leaf of [x, weight]) leaf.requiresGrad = true;
          autocast("cpu", type, () =>
            ops.sumAll(ops.square(ops.toDtype(way(ops.linearOp, x, weight), "float32"))),
          ).backward();
          return [x.grad!, weight.grad!];
        },
      );
      for (const [i, gradient] of gradients[0]!.entries())
        expect(apart(gradient, gradients[1]![i]!)).toBeLessThanOrEqual(2 * spacing[type]);
    }));
});

test("float32 is left alone", () =>
  scope(() => {
    const [x, weight] = [drawn([5, 64]), drawn([32, 64])];
    expect(apart(product(ops.linearOp, x, weight), ops.linearOp(x, weight))).toBe(0);
    expect(typeof multipliesHalf("bfloat16")).toBe("boolean");
  }));
