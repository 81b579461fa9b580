import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { pythonRandom } from "./python-random.ts";

interface Case {
  seed: string;
  seed_type: "int" | "str";
  random: number[];
  getrandbits32: number[];
  getrandbits: [bits: number, value: string][];
  randint: [low: number, high: number, values: number[]][];
  randrange: [start: number, stop: number, step: number, values: number[]][];
  shuffle: [n: number, order: number[]][];
  shuffle_twice_20: number[][];
  sample: [n: number, count: number, values: number[]][];
  sample_list: string[];
  choice_of_13: number[];
  choices_10_k8: number[];
  choices_weighted: string[];
  choices_cum_weighted: string[];
  "uniform_-2_3.5": number[];
  gauss_0_1: number[];
  normalvariate_0_1: number[];
  mixed: unknown[];
  random_after_1000: number;
}

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const golden = new URL("../../test/goldens/python/random.golden.json", import.meta.url);

/** Entries start from a fresh generator or are one stream, as in scripts/make-python-goldens.py. */
function check(expected: Case): void {
  const fresh = () => pythonRandom(expected.seed_type === "int" ? BigInt(expected.seed) : expected.seed);
  const stream = <T>(values: readonly T[], draw: (random: ReturnType<typeof fresh>) => unknown): void => {
    const random = fresh();
    expect(values.map(() => draw(random))).toEqual(values);
  };
  stream(expected.random, (random) => random.random());
  stream(expected.getrandbits32, (random) => Number(random.getrandbits(32)));
  const bits = fresh();
  expect(expected.getrandbits.map(([n]) => String(bits.getrandbits(n)))).toEqual(
    expected.getrandbits.map(([, value]) => value),
  );
  const [whole, ranges] = [fresh(), fresh()];
  for (const [low, high, values] of expected.randint)
    expect(values.map(() => whole.randint(low, high))).toEqual(values);
  for (const [start, stop, step, values] of expected.randrange)
    expect(values.map(() => ranges.randrange(start, stop, step))).toEqual(values);
  for (const [n, order] of expected.shuffle) {
    const list = count(n);
    fresh().shuffle(list);
    expect(list).toEqual(order);
  }
  stream(expected.shuffle_twice_20, (random) => {
    const list = count(20);
    random.shuffle(list);
    return list;
  });
  for (const [n, k, values] of expected.sample) expect(fresh().sample(count(n), k), `${k} of ${n}`).toEqual(values);
  expect(fresh().sample([..."abcdefghij"], 4)).toEqual(expected.sample_list);
  stream(expected.choice_of_13, (random) => random.choice(count(13)));
  expect(fresh().choices(count(10), { count: 8 })).toEqual(expected.choices_10_k8);
  stream(expected["uniform_-2_3.5"], (random) => random.uniform(-2, 3.5));
  // the reference does not name its weights; these give its draws
  expect(fresh().choices([..."wxyz"], { weights: [2, 10, 4, 1], count: 12 })).toEqual(expected.choices_weighted);
  expect(fresh().choices([..."wxyz"], { cumulative: [0.19, 0.39, 0.98, 1], count: 12 })).toEqual(
    expected.choices_cum_weighted,
  );
  // logarithm and cosine are another library's than Python's
  const close = (values: readonly number[], draw: (random: ReturnType<typeof fresh>) => number): void => {
    const random = fresh();
    for (const value of values)
      expect(Math.abs(draw(random) - value)).toBeLessThan(1e-15 * Math.max(1, Math.abs(value)));
  };
  close(expected.gauss_0_1, (random) => random.gauss(0, 1));
  close(expected.normalvariate_0_1, (random) => random.normalvariate(0, 1));
  const mixed = fresh();
  expect([
    mixed.random(),
    mixed.randint(0, 99),
    mixed.sample(count(50), 3),
    mixed.choice([..."abcdef"]),
    mixed.random(),
  ]).toEqual(expected.mixed);
  const long = fresh();
  for (let i = 0; i < 1000; i++) long.random();
  expect(long.random()).toBe(expected.random_after_1000);
}

const casesOf = (path: string | URL): Case[] => (JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] }).cases;

describe("CPython's random module", () => {
  const cases = casesOf(golden);
  test.each(cases.map((one) => [one.seed, one] as const))("golden values of seed %j", (_, one) => check(one));

  test("the reference's seeds", (context) => {
    needs(context, "reference/numerics/python_random.json");
    const reference = casesOf(shared("reference/numerics/python_random.json"));
    expect(reference.length).toBeGreaterThan(4);
    for (const one of reference) check(one);
  });
});

test("a number and the same bigint are one seed, a text of digits another", () => {
  const [number, big, text] = [7, -7n, "7"].map((seed) => pythonRandom(seed).random());
  expect(number).toBe(big);
  expect(number).not.toBe(text);
});

test("refuses what Python refuses", () => {
  const random = pythonRandom(1);
  expect(() => pythonRandom(0.5)).toThrow(/whole number/);
  expect(() => random.sample([1, 2], 3)).toThrow(/A sample of 3 from 2/);
  expect(() => random.choice([])).toThrow(/the range has 0 values/);
  expect(() => random.randint(2, 1)).toThrow(/the range has 0 values/);
  expect(() => random.getrandbits(0)).toThrow(/at least 1/);
});
