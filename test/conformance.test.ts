import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { attachLora } from "../src/models/adapter.ts";
import { families } from "../src/models/families.ts";
import { loadModel } from "../src/models/load.ts";
import { languageModelLoss, lastState } from "../src/models/loss.ts";
import type { Model } from "../src/models/model.ts";
import { saveModel } from "../src/models/save.ts";
import { openSafetensors, ops, scope, type Tensor, tensor } from "../src/tensor/index.ts";
import { checkpointedTape, plainTape, type Tape } from "../src/train/tape.ts";
import { folderWith } from "./folder.ts";

const golden = (name: string) => fileURLToPath(new URL(`./goldens/models/${name}`, import.meta.url));
const load = (name: string) => loadModel(golden(name), { device: "cpu", copy: true });

const long = [2, 5, 9, 33, 7, 12, 40, 21];
const short = [2, 17, 8, 30, 6];

/** Logits [T V] of one row without padding. */
function alone(model: Model, row: readonly number[]): Float32Array {
  return scope(() => model.head(lastState(model, { ids: tensor([row as number[]], { dtype: "int64" }) })).toFloats());
}

/** Largest difference, relative to the largest entry. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [most, largest] = [0, 1e-9];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return most / largest;
}

function gradients(model: Model, makeTape: (model: Model) => Tape): Map<string, Float32Array> {
  const tape = makeTape(model);
  const ids = tensor([long, long.toReversed()], { dtype: "int64" });
  tape.backward(languageModelLoss(tape.model, { ids, labels: ids }));
  const found = new Map(
    model.parameters().map(([name, p]) => [name, p.grad?.toFloats() ?? new Float32Array()] as const),
  );
  for (const [, p] of model.parameters()) p.grad = undefined;
  return found;
}

describe.each(Object.keys(families).filter((name) => existsSync(golden(name))))("%s", (name) => {
  test("padding is inert: a padded batch gives what single rows give", async () => {
    const model = await load(name);
    const pad = model.config.padId ?? 0;
    const padded = [...short, ...Array.from({ length: long.length - short.length }, () => pad)];
    const logits = scope(() =>
      model.head(lastState(model, { ids: tensor([long, padded], { dtype: "int64" }) })).toFloats(),
    );
    const width = logits.length / 2;
    expect(distance(logits.subarray(0, width), alone(model, long))).toBeLessThan(1e-5);
    expect(
      distance(logits.subarray(width, width + (short.length * width) / long.length), alone(model, short)),
    ).toBeLessThan(1e-5);
  });

  test("causality: a later token changes nothing before it", async () => {
    const model = await load(name);
    const other = [...long.slice(0, -2), 44, 45];
    const [a, b] = [alone(model, long), alone(model, other)];
    const before = ((long.length - 2) * a.length) / long.length;
    expect(distance(a.subarray(0, before), b.subarray(0, before))).toBeLessThan(1e-6);
    expect(distance(a, b)).toBeGreaterThan(1e-3);
  });

  test("stopping early gives the states that the whole pass gives", async () => {
    const model = await load(name);
    const ids = tensor([long], { dtype: "int64" });
    const all = [...model.layers({ ids })];
    const some: Tensor[] = [];
    for (const h of model.layers({ ids })) {
      some.push(h);
      if (some.length === 2) break;
    }
    expect(all).toHaveLength(model.config.layers + 1);
    for (const [i, h] of some.entries()) expect(h.toFloats()).toEqual(all[i]!.toFloats());
  });

  test("activation checkpointing gives the plain gradients", async () => {
    const model = await load(name);
    model.trainable("all");
    const plain = gradients(model, plainTape);
    const checkpointed = gradients(model, (m) => checkpointedTape(m, "float32"));
    for (const [parameter, gradient] of plain)
      expect(distance(checkpointed.get(parameter)!, gradient), parameter).toBeLessThan(1e-5);
  });

  test("save → load is the identity", async () => {
    const model = await load(name);
    const folder = join(folderWith(), "saved");
    saveModel(model, folder, golden(name));
    const again = await loadModel(folder, { device: "cpu" });
    expect(alone(again, long)).toEqual(alone(model, long));
    expect(openSafetensors(join(folder, "model.safetensors")).metadata).toEqual({ format: "pt" });
  });

  test("a fresh LoRA changes nothing, and only it learns", async () => {
    const model = await load(name);
    const before = alone(model, long);
    const targets = ["q_proj", "v_proj", "c_attn", "query_key_value"];
    attachLora(model, { rank: 2, alpha: 4, targets, dropout: 0 }, 1);
    expect(alone(model, long)).toEqual(before);
    model.trainable("adapter");
    const found = gradients(model, plainTape);
    const learning = [...found].filter(([, gradient]) => gradient.length > 0).map(([parameter]) => parameter);
    expect(learning.length).toBeGreaterThan(0);
    for (const parameter of learning) expect(parameter).toMatch(/lora_[AB]\.weight$/);
    // B moves first: A's gradient is B's transposed, which is zero
    for (const [parameter, gradient] of found)
      if (parameter.endsWith("lora_B.weight"))
        expect(
          gradient.some((x) => x !== 0),
          parameter,
        ).toBe(true);
  });
});

test("every family has a golden of our own", () => {
  expect(Object.keys(families).filter((name) => !existsSync(golden(name)))).toEqual([]);
});

test("rows that are not padded on the right, or are too long, are refused", async () => {
  const model = await load("xglm");
  const ids = tensor([long], { dtype: "int64" });
  expect(() => [...model.layers({ ids, mask: tensor([[0, 1, 1, 1, 1, 1, 1, 1]]) })]).toThrow("padded on the right");
  expect(() => [...model.layers({ ids: ops.zeros([1, 33], "int64") })]).toThrow("this xglm model has 32 positions");
});
