import { describe, expect, test } from "vitest";
import type { SentencePair } from "../data/sentence-pair.ts";
import { pairDiscriminant } from "../geometry/pair-discriminant.ts";
import type { Model } from "../models/model.ts";
import { integer, permutation, uniform } from "../stats/random.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { chooseRows } from "./choose.ts";
import { rankedPlaces } from "./places.ts";

const width = 24;
const concepts = 60;

/** The language of a token is its hundreds, its meaning the rest. */
const tokenizer = {
  encodeBatch: async (texts: readonly string[]) =>
    texts.map((text) => ({ ids: text.split(" ").map(Number), offsets: [] })),
} as unknown as Tokenizer;

/** Half of the directions say what a token means, the same in both languages, and half are louder and say nothing. */
function meaningful(id: number, d: number): number {
  return d < width / 2 ? 2 * uniform(1, id % 100, d) - 1 : 3 * (2 * uniform(2, id, d) - 1);
}

/** A model whose middle layer knows what tokens mean, while the others only know the tokens. */
function plantedModel(): Model {
  const state = (layer: number, id: number, d: number) =>
    layer === 1 ? meaningful(id, d) : 6 * (2 * uniform(3, layer, id, d) - 1);
  return {
    config: { layers: 2, width, maximumLength: 64, padId: 0 },
    device: "cpu",
    norm: (h: Tensor) => h,
    *layers({ ids }: { ids: Tensor }) {
      const flat = Array.from(ids.toArray() as BigInt64Array, Number);
      for (const layer of [0, 1, 2])
        yield tensor(
          Float32Array.from({ length: flat.length * width }, (_, i) =>
            state(layer, flat[Math.floor(i / width)]!, i % width),
          ),
          { shape: [...ids.shape, width] },
        );
    },
  } as unknown as Model;
}

const sentence = (language: number, i: number): string =>
  Array.from({ length: 4 }, (_, t) => 100 * language + integer(concepts, 4, i, t)).join(" ");
const sentences = (language: number, from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => sentence(language, from + i));

const pairsOf = (left: readonly string[], right: readonly string[]): SentencePair[] =>
  left.map((a, i) => ({ a, b: right[i]!, languages: ["en", "de"] }));

async function rowsFor(pairs: readonly SentencePair[]) {
  const held = new Map([
    ["de", { pivot: sentences(1, 1000, 80), translations: sentences(2, 1000, 80) }],
    ["sw", { pivot: sentences(1, 2000, 80), translations: sentences(2, 2000, 80) }],
  ]);
  const options = { layers: [0, 1, 2], poolings: ["mean", "last"], batchTokens: 512, compute: "float32" } as const;
  return chooseRows(plantedModel(), tokenizer, { pairs, held }, { ...options, draws: 40, seed: 0 });
}

describe("choosing a place", () => {
  test("finds the layer at which pairs have something to teach, and what they teach", async () => {
    const rows = await rowsFor(pairsOf(sentences(1, 0, 400), sentences(2, 0, 400)));
    const [best] = rankedPlaces(rows);
    expect(best).toEqual({ layer: 1, pooling: "mean" }); // the last token is one of four
    const at = (metric: string, layer = 1) =>
      rows.find((row) => row.metric === metric && row.layer === layer && row.pooling === "mean")!;
    expect(at("frozen_p1").value).toBeLessThan(0.3);
    expect(at("aligned_p1").value).toBeGreaterThan(0.8);
    expect(at("aligned_p1").low).toBeGreaterThan(at("aligned_p1").shuffled! + 0.3);
    expect(at("aligned_p1_seen").value).toBeGreaterThan(0.8);
    expect(at("aligned_p1_unseen").value).toBeGreaterThan(0.8);
    for (const layer of [0, 2]) expect(at("aligned_p1", layer).value).toBeLessThan(0.3);
    expect(rows.filter(({ metric }) => metric === "rank").map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("finds nothing where pairs are not translations", async () => {
    const right = sentences(2, 0, 400);
    const rows = await rowsFor(
      pairsOf(
        sentences(1, 0, 400),
        Array.from(permutation(400, 7), (i) => right[i]!),
      ),
    );
    for (const row of rows.filter(({ metric }) => metric === "aligned_p1"))
      expect(Math.abs(row.value - row.shuffled!), `layer ${row.layer} ${row.pooling}`).toBeLessThan(0.1);
  });
});

test("the pair discriminant equals the model's closed form on known variances", () => {
  // meaning along x with variance 4 between pairs, language along y with variance 9 within pairs
  const n = 4000;
  const normal = (...counters: number[]) =>
    Math.sqrt(-2 * Math.log(1 - uniform(...(counters as [number]), 1))) *
    Math.cos(2 * Math.PI * uniform(...(counters as [number]), 2));
  const side = (which: number) =>
    tensor(
      Float64Array.from({ length: 2 * n }, (_, k) => {
        const i = Math.floor(k / 2);
        return k % 2 === 0 ? 2 * normal(1, i) + normal(2 + which, i) : 3 * normal(4 + which, i);
      }),
      { shape: [n, 2], dtype: "float64" },
    );
  const [x, y] = [side(0), side(1)];
  const map = pairDiscriminant(x, y);
  const unit = scope(() => {
    const points = tensor([0, 0, 1, 0, 0, 1], { shape: [3, 2], dtype: "float64" });
    const at = map.apply(points).toArray() as Float64Array; // [3 2]
    const length = (row: number) => Math.hypot(at[2 * row]! - at[0]!, at[2 * row + 1]! - at[1]!);
    return [length(1), length(2)] as const;
  });
  // within variances 1 and 9 and their mean 5: 0.5 is added; β = 4 / 1.5 along x, and along y nothing is between pairs
  expect(unit[0]).toBeCloseTo(Math.sqrt(4 / 1.5 / (4 / 1.5 + 1) / 1.5), 1);
  expect(unit[1]).toBeLessThan(0.05);
  map.dispose();
});

test("fewer pairs than directions give the map that the same pairs give when repeated beyond their number", () => {
  const [pairs, directions] = [7, 12];
  const side = (which: number) =>
    tensor(
      Float64Array.from({ length: pairs * directions }, (_, k) => 3 * uniform(8, k) + uniform(9, which, k)),
      { shape: [pairs, directions], dtype: "float64" },
    );
  const [x, y] = [side(0), side(1)];
  const twice = (of: Tensor) => ops.cat([of, of]); // the same variances, now with as many pairs as directions
  const [few, many] = [pairDiscriminant(x, y), pairDiscriminant(twice(x), twice(y))];
  const products = ({ apply }: typeof few) =>
    scope(() => {
      const points = apply(x);
      return ops.matmul(points, ops.transpose(points, 0, 1)).toArray() as Float64Array;
    });
  const [a, b] = [products(few), products(many)];
  expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.1);
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 9);
  few.dispose();
  many.dispose();
});
