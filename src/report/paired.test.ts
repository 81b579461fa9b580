import { expect, test } from "vitest";
import { compareAnswers } from "./paired.ts";

const pairs = (count: number, languages: number, after: (item: number) => boolean) =>
  Array.from({ length: count * languages }, (_, i) => ({
    id: String(i % count),
    before: true,
    after: after(i % count),
  }));

test("where no answer changed in any language, the interval is what the number of items allows", () => {
  const { difference, low, high, p } = compareAnswers(pairs(30, 2, () => true));
  // Clopper–Pearson for 0 of 30 items: 1 − 0.025^(1/30)
  expect([difference, p]).toEqual([0, 1]);
  expect(high).toBeCloseTo(1 - 0.025 ** (1 / 30), 9);
  expect(low).toBe(-high);
});

test("translations of one item are not independent", () => {
  const alone = compareAnswers(pairs(60, 1, (item) => item % 3 > 0));
  const together = compareAnswers(pairs(60, 4, (item) => item % 3 > 0));
  expect(together.difference).toBeCloseTo(alone.difference, 12);
  // four copies of the same answers tell no more than one
  expect(together.high - together.low).toBeGreaterThan(0.8 * (alone.high - alone.low));
});
