import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny.ts";
import { attachLora } from "../models/adapter.ts";
import type { Model } from "../models/model.ts";
import type { LensRow } from "../run/records.ts";
import { integer } from "../stats/random.ts";
import { noGrad, ops, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { driftRows } from "./drift.ts";

const tokenizer = {
  encodeBatch: async (texts: readonly string[]) =>
    texts.map((text) => ({ ids: [2, ...text.split(" ").map(Number)], offsets: [] })),
} as unknown as Tokenizer;

const texts = new Map([
  [
    "en",
    Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 3 + (i % 4) }, (_, t) => 4 + integer(44, 1, i, t)).join(" "),
    ),
  ],
]);
const options = { batchTokens: 24, compute: "float32", draws: 20, seed: 0 } as const;

const at = (rows: readonly LensRow[], metric: string, layer: number): number =>
  rows.find((row) => row.metric === metric && row.layer === layer)!.value;

test("a model against itself has not moved", async () => {
  const [a, b] = [await tinyModel(), await tinyModel()];
  const rows = await driftRows([a, b], tokenizer, texts, options);
  for (const layer of [0, 1, 2]) {
    for (const metric of ["weight_change", "entering", "state_change"]) expect(at(rows, metric, layer)).toBe(0);
    expect(at(rows, "cka_before_after", layer)).toBeCloseTo(1, 9);
    expect(at(rows, "state_cosine", layer)).toBeCloseTo(1, 5);
    // what the sentences in another order give is far from what they give
    const { value, shuffled, shuffled_high } = rows.find(
      (row) => row.metric === "cka_before_after" && row.layer === layer,
    )!;
    expect(shuffled!).toBeGreaterThan(0);
    expect(shuffled_high!).toBeLessThan(value);
  }
});

/** The tiny model with an adapter whose update is zero but in one weight. */
async function withLoraIn(block: number): Promise<Model> {
  const model = await tinyModel();
  attachLora(model, { rank: 2, alpha: 4, targets: ["v_proj"], dropout: 0 }, 1);
  for (const [name, p] of model.parameters())
    if (name.includes(`layers.${block}.`) && name.includes("lora_B"))
      noGrad(() =>
        ops.copyInto(
          p,
          tensor(
            Float32Array.from({ length: p.shape[0]! * 2 }, (_, i) => 0.1 + i / 50),
            { shape: p.shape },
          ),
        ),
      );
  return model;
}

test("an adapter's effect enters at its block and is carried on from there", async () => {
  const rows = await driftRows([await tinyModel(), await withLoraIn(0)], tokenizer, texts, options);
  expect(at(rows, "weight_change", 0)).toBe(0);
  expect(at(rows, "weight_change_attention", 1)).toBeGreaterThan(at(rows, "weight_change", 1));
  expect(at(rows, "weight_change_feed_forward", 1)).toBe(0);
  expect(at(rows, "weight_change", 2)).toBe(0);
  expect(at(rows, "entering", 0)).toBe(0);
  expect(at(rows, "entering", 1)).toBeGreaterThan(0.01);
  expect(at(rows, "state_change", 1)).toBeCloseTo(at(rows, "entering", 1), 5); // nothing below it moved
  expect(at(rows, "entering", 2)).toBe(0);
  expect(at(rows, "state_change", 2)).toBeGreaterThan(0.01);
  expect(at(rows, "cka_before_after", 2)).toBeLessThan(1);
});

test("models of different shapes are refused", async () => {
  const a = await tinyModel();
  const b = { ...(await tinyModel()), config: { ...a.config, layers: 1 } };
  await expect(driftRows([a, b], tokenizer, texts, options)).rejects.toThrow("xglm, 1 blocks of width 16 after");
});
