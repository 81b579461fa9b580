import { describe, expect, test } from "vitest";
import { clusteredMean } from "./clustered.ts";
import { labelFlags } from "./label-flags.ts";
import { pairedAccuracy } from "./paired.ts";
import { pairedChange } from "./paired-change.ts";
import { signFlips } from "./permutation.ts";
import { uniform } from "./random.ts";
import { relativeGaps } from "./relative-gap.ts";
import { estimateChange, meanChange, proportionChange } from "./unpaired.ts";

const answers = Array.from({ length: 200 }, (_, i) => ({
  id: String(i),
  before: Number(uniform(1, i) < 0.5),
  after: Number(uniform(2, i) < 0.6),
}));

describe("pairedChange", () => {
  test("answers are tested by McNemar, graded scores by sign flips, repeated items by clusters", () => {
    const exact = pairedChange(answers);
    const known = pairedAccuracy(
      answers.map(({ before }) => before === 1),
      answers.map(({ after }) => after === 1),
    );
    expect(exact).toMatchObject({ ...known, method: "exact McNemar" });

    const graded = answers.map(({ id, before, after }) => ({ id, before: before / 2, after: after / 2 }));
    const flips = signFlips(
      graded.map(({ after }) => after),
      graded.map(({ before }) => before),
    );
    expect(pairedChange(graded)).toMatchObject({ method: "sign flips", p: flips.absolute, gained: known.gained });
    expect(pairedChange(graded).difference).toBeCloseTo(known.difference / 2, 12);
    // the tests of one question agree, though one is drawn
    expect(Math.abs(flips.absolute - known.p)).toBeLessThan(0.02);

    const twice = pairedChange([...answers, ...answers]);
    expect(twice).toMatchObject({ method: "clusters of items", n: 400, difference: known.difference });
    const differences = [...answers, ...answers].map(({ before, after }) => after - before);
    const clustered = clusteredMean(
      differences,
      [...answers, ...answers].map(({ id }) => id),
    );
    expect([twice.p, twice.low]).toEqual([clustered.p, clustered.low]);
    expect(() => pairedChange([])).toThrow("got 0 and 0");
  });

  test("what it calls detectable is found in four of five samples", () => {
    const n = 400;
    const share = 0.3;
    const { detectable } = pairedChange(
      Array.from({ length: n }, (_, i) => ({
        id: String(i),
        before: Number(i < 60),
        after: Number(i >= 60 && i < 120),
      })),
    );
    let found = 0;
    for (let trial = 0; trial < 300; trial++) {
      const items = Array.from({ length: n }, (_, i) => {
        const changes = uniform(7, trial, i) < share;
        const gains = uniform(8, trial, i) < 0.5 + detectable / share / 2;
        return { id: String(i), before: Number(changes && !gains), after: Number(changes && gains) };
      });
      if (pairedChange(items).p < 0.05) found++;
    }
    expect(found / 300).toBeGreaterThan(0.7);
    expect(found / 300).toBeLessThan(0.9);
  });
});

describe("unpaired", () => {
  test("Newcombe's published example: 56 of 70 against 48 of 80 gives 0.0524 to 0.3339", () => {
    const estimate = (successes: number, n: number) => ({ value: successes / n, n, low: 0, high: 1 });
    const { difference, low, high, p } = proportionChange(estimate(48, 80), estimate(56, 70));
    expect(difference).toBeCloseTo(0.2, 12);
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
    // pooled z of 2.6506
    expect(p).toBeCloseTo(0.00804, 4);
  });

  test("intervals give back their own width, and means of changes are narrower", () => {
    const change = estimateChange({ value: 2, low: 1.9, high: 2.1, n: 9 }, { value: 1.5, low: 1.5, high: 1.5, n: 9 });
    expect([change.difference, change.low, change.high].map((x) => x.toFixed(9))).toEqual([
      "-0.500000000",
      "-0.600000000",
      "-0.400000000",
    ]);
    const mean = meanChange([change, change, change, change]);
    expect(mean.difference).toBe(-0.5);
    expect(mean.high - mean.low).toBeCloseTo(0.1, 9);
    expect(estimateChange({ value: 1, low: 1, high: 1, n: 1 }, { value: 1, low: 1, high: 1, n: 1 }).p).toBe(1);
  });
});

test("the relative gap keeps an item's translations together", () => {
  const pivot = answers.map(({ after }) => after);
  const { gaps, changes } = relativeGaps([
    { pivot, others: pivot.map((score) => score * 0.8) },
    { pivot, others: pivot.map((score) => score * 0.9) },
  ]);
  // the others are wrong wherever English is, so resampling items changes nothing
  expect(gaps.flatMap(({ value, low, high }) => [value, low, high]).map((x) => x.toFixed(9))).toEqual(
    [0.2, 0.2, 0.2, 0.1, 0.1, 0.1].map((x) => x.toFixed(9)),
  );
  expect(changes[0]!.value).toBeCloseTo(-0.1, 12);
  const apart = relativeGaps([{ pivot, others: answers.map(({ before }) => before) }]);
  expect(apart.gaps[0]!.high - apart.gaps[0]!.low).toBeGreaterThan(0.1);
  expect(() => relativeGaps([{ pivot: [1], others: [] }])).toThrow("the same items");
});

test("flags: an interval around chance, one label for more than nine in ten", () => {
  const row = { value: 0.35, low: 0.3, high: 0.4, chance: 1 / 3, predictions: { yes: 50, no: 30, maybe: 20 } };
  expect(labelFlags(row)).toEqual(["at chance"]);
  expect(labelFlags({ ...row, low: 0.34 })).toEqual([]);
  expect(labelFlags({ ...row, predictions: { yes: 91, no: 9 } })).toEqual(["at chance", "one label"]);
  expect(labelFlags({ value: 0.5, low: 0.4, high: 0.6 })).toEqual([]);
});
