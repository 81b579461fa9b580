import { describe, expect, test } from "vitest";
import { uniform } from "../stats/random.ts";
import { type BatchBudget, batchStream, epochPlan } from "./batches.ts";

const lengthsOf = (n: number, seed: number) =>
  Int32Array.from({ length: n }, (_, i) => 1 + Math.floor(60 * uniform(seed, i) ** 2));
const budgets: BatchBudget[] = [
  { rows: 1 },
  { rows: 7 },
  { rows: 64 },
  { rows: 5000 },
  { tokens: 60 },
  { tokens: 512 },
  { tokens: 9999 },
];
const cases = budgets.flatMap((budget, i) => [1, 2, 63, 1000].map((n) => ({ n, budget, seed: i, epoch: i % 3 })));

describe("epochPlan", () => {
  test.each(cases)("$n rows, $budget: every row once, within the budget, repeatable", ({ n, budget, seed, epoch }) => {
    const lengths = lengthsOf(n, seed);
    const plan = epochPlan({ lengths, seed, epoch, budget });
    const rows = plan.flatMap((batch) => [...batch]);
    expect(rows.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    for (const batch of plan) {
      expect(batch.length).toBeGreaterThan(0);
      const longest = Math.max(...[...batch].map((row) => lengths[row]!));
      if ("rows" in budget) expect(batch.length).toBeLessThanOrEqual(budget.rows);
      else expect(batch.length * longest).toBeLessThanOrEqual(budget.tokens);
    }
    expect(epochPlan({ lengths, seed, epoch, budget })).toEqual(plan);
  });

  test("epochs and seeds differ in rows and order", () => {
    const lengths = lengthsOf(500, 1);
    const plans = [
      [0, 0],
      [0, 1],
      [1, 0],
    ].map(([seed, epoch]) => epochPlan({ lengths, seed: seed!, epoch: epoch!, budget: { rows: 8 } }));
    expect(plans[0]).not.toEqual(plans[1]);
    expect(plans[0]).not.toEqual(plans[2]);
    expect(plans.map((plan) => plan.length)).toEqual([63, 63, 63]);
  });

  test("pads little: below 12 % where the lengths of random batches would pad half", () => {
    const lengths = lengthsOf(5000, 3);
    const real = lengths.reduce((sum, length) => sum + length, 0);
    for (const budget of [{ rows: 16 }, { tokens: 512 }] as BatchBudget[]) {
      const padded = epochPlan({ lengths, seed: 0, epoch: 0, budget })
        .map((batch) => batch.length * Math.max(...[...batch].map((row) => lengths[row]!)))
        .reduce((sum, size) => sum + size, 0);
      expect(padded / real).toBeLessThan(1.12);
    }
  });

  test("long and short batches alternate at random, not by length", () => {
    const lengths = lengthsOf(1000, 4);
    const first = epochPlan({ lengths, seed: 0, epoch: 0, budget: { rows: 10 } })
      .slice(0, 20)
      .map((batch) => lengths[batch[0]!]!);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
  });

  test("says which row does not fit and refuses a budget of nothing", () => {
    const options = { lengths: [3, 90, 4], seed: 0, epoch: 0 };
    expect(() => epochPlan({ ...options, budget: { tokens: 64 } })).toThrow(/^Row 1 has 90 tokens, more than the 64/);
    expect(() => epochPlan({ ...options, budget: { rows: 0 } })).toThrow(/at least 1, got 0/);
    expect(epochPlan({ ...options, lengths: [], budget: { rows: 4 } })).toEqual([]);
  });
});

describe("batchStream", () => {
  const options = { lengths: lengthsOf(300, 2), seed: 9, budget: { tokens: 256 } };

  test("is the epochs one after the other", () => {
    const stream = batchStream(options);
    const plans = [0, 1, 2].map((epoch) => epochPlan({ ...options, epoch }));
    const expected = plans.flatMap((plan, epoch) => plan.map((rows, index) => ({ epoch, index, rows })));
    expect(expected.map((_, position) => stream.at(position))).toEqual(expected);
  });

  test("a fresh stream resumes at any position, in any order", () => {
    const stream = batchStream(options);
    for (const position of [400, 3, 0, 137, 400])
      expect(batchStream(options).at(position)).toEqual(stream.at(position));
  });

  test("needs rows", () => {
    expect(() => batchStream({ ...options, lengths: [] })).toThrow("No rows to make batches of.");
  });
});
