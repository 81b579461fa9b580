import { describe, expect, test } from "vitest";
import { bootstrapInterval, bootstrapRatio, percentile, resamples } from "./bootstrap.ts";
import { clusteredMean } from "./clustered.ts";
import { wilson } from "./intervals.ts";
import { newcombe, pairedAccuracy } from "./paired.ts";
import { detectableDifference } from "./power.ts";
import { uniform } from "./random.ts";

const items = (counts: [boolean, boolean, number][]) => {
  const rows = counts.flatMap(([before, after, times]) => Array.from({ length: times }, () => ({ before, after })));
  return [rows.map(({ before }) => before), rows.map(({ after }) => after)] as const;
};

describe("pairedAccuracy", () => {
  test("Newcombe's published example: 36, 12, 2, 0 gives 0.0569 to 0.3404", () => {
    const { low, high } = newcombe(36, 12, 2, 0);
    expect(low).toBeCloseTo(0.0569, 4);
    expect(high).toBeCloseTo(0.3404, 4);
  });

  test("counts what changed, and its sign is that of the improvement", () => {
    const [before, after] = items([
      [true, true, 20],
      [false, true, 12],
      [true, false, 2],
      [false, false, 16],
    ]);
    const result = pairedAccuracy(before, after);
    expect(result).toMatchObject({ n: 50, gained: 12, lost: 2, difference: 0.2 });
    expect(result.p).toBeCloseTo(0.0129, 4);
    expect(result.low).toBeCloseTo(0.0562, 3);
    const reverse = pairedAccuracy(after, before);
    expect([reverse.low, reverse.high, reverse.p]).toEqual([-result.high, -result.low, result.p]);
  });

  test("nothing changed, and everything right twice", () => {
    const [before, after] = items([[true, true, 30]]);
    expect(pairedAccuracy(before, after)).toMatchObject({ difference: 0, gained: 0, lost: 0, p: 1 });
    expect(() => pairedAccuracy([true], [])).toThrow("got 1 and 0");
    expect(() => pairedAccuracy([], [])).toThrow("got 0 and 0");
  });

  test("its interval agrees with the paired bootstrap", () => {
    const before = Array.from({ length: 400 }, (_, i) => uniform(1, i) < 0.5);
    const after = before.map((correct, i) => (uniform(2, i) < 0.3 ? uniform(3, i) < 0.6 : correct));
    const { low, high } = pairedAccuracy(before, after);
    const delta = after.map((correct, i) => Number(correct) - Number(before[i]));
    const drawn = bootstrapInterval(resamples(400, 2000, 5), (rows) => {
      let sum = 0;
      for (let i = 0; i < rows.length; i++) sum += delta[rows[i]!]!;
      return sum / rows.length;
    });
    expect(Math.abs(low - drawn.low)).toBeLessThan(0.01);
    expect(Math.abs(high - drawn.high)).toBeLessThan(0.01);
  });
});

describe("bootstrap", () => {
  test("percentile interpolates as NumPy does", () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([1, 2, 3, 4], 0.025)).toBeCloseTo(1.075, 12);
    expect(percentile([7], 0.9)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow("no values");
  });

  test("the interval of a ratio of sums is narrow where all items agree, and repeatable", () => {
    const bytes = Array.from({ length: 50 }, (_, i) => 20 + (i % 7));
    const equal = bootstrapRatio(
      bytes.map((size) => 2 * size),
      bytes,
    );
    expect(equal).toEqual({ low: 2, high: 2 });
    const noisy = bytes.map((size, i) => size * (1.5 + uniform(4, i)));
    const interval = bootstrapRatio(noisy, bytes);
    expect(bootstrapRatio(noisy, bytes)).toEqual(interval);
    expect(interval.low).toBeGreaterThan(1.8);
    expect(interval.high).toBeLessThan(2.2);
    expect(() => bootstrapRatio([1], [])).toThrow("got 1 and 0");
  });

  test("resamples are repeatable and stay in range", () => {
    const draws = [...resamples(10, 50, 3)];
    expect([...resamples(10, 50, 3)]).toEqual(draws);
    expect(draws[0]).not.toEqual(draws[1]);
    expect(draws.every((draw) => draw.length === 10 && draw.every((i) => i >= 0 && i < 10))).toBe(true);
  });
});

test("a clustered mean of clusters of one is the plain mean with its standard error", () => {
  const { mean, low, high, p } = clusteredMean([1, 2, 3, 4], ["a", "b", "c", "d"]);
  const error = Math.sqrt(5 / 3 / 4);
  expect(mean).toBe(2.5);
  expect(low).toBeCloseTo(2.5 - 1.959964 * error, 5);
  expect(high).toBeCloseTo(2.5 + 1.959964 * error, 5);
  expect(p).toBeCloseTo(0.000107, 5);
});

test("values that repeat within a cluster do not make the mean surer", () => {
  const single = clusteredMean([0, 1, 1, 0.5], ["a", "b", "c", "d"]);
  const repeated = clusteredMean([0, 0, 1, 1, 1, 1, 0.5, 0.5], ["a", "a", "b", "b", "c", "c", "d", "d"]);
  expect(repeated.low).toBeCloseTo(single.low, 12);
  expect(() => clusteredMean([1], [])).toThrow("1 values and 0 clusters");
  expect(clusteredMean([0, 0], ["a", "b"]).p).toBe(1);
});

test("the detectable difference falls with the root of the number of items", () => {
  expect(detectableDifference(2490, 0.1)).toBeCloseTo(0.01775, 4);
  expect(detectableDifference(400, 0.2) / detectableDifference(1600, 0.2)).toBeCloseTo(2, 10);
});

test("an interval of nothing is refused", () => {
  expect(() => wilson(3, 2)).toThrow("got 3 of 2");
  expect(() => wilson(0, 0)).toThrow("got 0 of 0");
});
