import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { attachLora } from "../src/models/adapter.ts";
import { families } from "../src/models/families.ts";
import { generate } from "../src/models/generate/generate.ts";
import { loadModel } from "../src/models/load.ts";
import { languageModelLoss, lastState } from "../src/models/loss.ts";
import type { Model } from "../src/models/model.ts";
import { saveModel } from "../src/models/save.ts";
import { keyValueCache } from "../src/nn/index.ts";
import { noGrad, openSafetensors, ops, scope, type Tensor, tensor } from "../src/tensor/index.ts";
import { checkpointedTape, plainTape, type Tape } from "../src/train/tape.ts";
import { folderWith } from "./folder.ts";

const golden = (name: string) => fileURLToPath(new URL(`./goldens/models/${name}`, import.meta.url));
const load = (name: string) => loadModel(golden(name), { device: "cpu", copy: true });

const long = [2, 5, 9, 33, 7, 12, 40, 21];
const short = [2, 17, 8, 30, 6];

/** What a model says of right-padded rows, at each place: logits, or an encoder's states. [B T V] or [B T D] */
function outputs(model: Model, rows: readonly (readonly number[])[]): Float32Array {
  const longest = Math.max(...rows.map(({ length }) => length));
  const ids = rows.map((row) => [...row, ...Array<number>(longest - row.length).fill(model.config.padId ?? 0)]);
  const mask = rows.map((row) => ids[0]!.map((_, at) => Number(at < row.length)));
  return scope(() => {
    const tokens = { ids: tensor(ids, { dtype: "int64" }), mask: tensor(mask, { dtype: "int64" }) };
    const h = lastState(model, tokens);
    return (model.bidirectional ? model.norm(h) : model.head(h)).toFloats();
  });
}

/** The same of one row without padding. [T V] or [T D] */
const alone = (model: Model, row: readonly number[]): Float32Array => outputs(model, [row]);

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
  tape.backward(
    model.bidirectional
      ? scope(() => ops.sumAll(ops.square(ops.narrow(lastState(tape.model, { ids }), 2, 0, 3))))
      : languageModelLoss(tape.model, { ids, labels: ids }),
  );
  const found = new Map(
    model.parameters().map(([name, p]) => [name, p.grad?.toFloats() ?? new Float32Array()] as const),
  );
  for (const [, p] of model.parameters()) p.grad = undefined;
  return found;
}

describe.each(Object.keys(families).filter((name) => existsSync(golden(name))))("%s", (name) => {
  test("padding is inert: a padded batch gives what single rows give", async () => {
    const model = await load(name);
    const logits = outputs(model, [long, short]);
    const width = logits.length / 2;
    expect(distance(logits.subarray(0, width), alone(model, long))).toBeLessThan(1e-5);
    expect(
      distance(logits.subarray(width, width + (short.length * width) / long.length), alone(model, short)),
    ).toBeLessThan(1e-5);
  });

  test("causality: a later token changes nothing before it, except in an encoder", async () => {
    const model = await load(name);
    const other = [...long.slice(0, -2), 44, 45];
    const [a, b] = [alone(model, long), alone(model, other)];
    const before = ((long.length - 2) * a.length) / long.length;
    const earlier = distance(a.subarray(0, before), b.subarray(0, before));
    if (model.bidirectional) expect(earlier).toBeGreaterThan(1e-3);
    else expect(earlier).toBeLessThan(1e-6);
    expect(distance(a, b)).toBeGreaterThan(1e-3);
  });

  test("packed rows with positions and sight of their own are separate rows", async () => {
    const model = await load(name);
    const both = [...long, ...short];
    const start = (at: number) => (at < long.length ? 0 : long.length);
    const end = (at: number) => (at < long.length ? long.length : both.length);
    const sees = (query: number, key: number) =>
      key >= start(query) && (model.bidirectional ? key < end(query) : key <= query);
    const packed = scope(() => {
      const tokens = {
        ids: tensor([both], { dtype: "int64" }),
        positions: tensor([both.map((_, at) => at - start(at))], { dtype: "int64" }),
        visible: tensor([[both.map((_, query) => both.map((_, key) => Number(sees(query, key))))]], { dtype: "bool" }),
      };
      const h = lastState(model, tokens);
      return (model.bidirectional ? model.norm(h) : model.head(h)).toFloats();
    });
    const width = packed.length / both.length;
    expect(distance(packed.subarray(0, long.length * width), alone(model, long))).toBeLessThan(1e-5);
    expect(distance(packed.subarray(long.length * width), alone(model, short))).toBeLessThan(1e-5);
  });

  test("cached keys and values give what the whole row gives, batched or not", async () => {
    const model = await load(name);
    if (model.bidirectional) {
      await expect(generate(model, [short])).rejects.toThrow("is an encoder, which predicts no next token");
      return;
    }
    const grown = [short, long].map((prompt) => {
      const ids = [...prompt];
      for (let i = 0; i < 9; i++) {
        const logits = alone(model, ids);
        const last = logits.subarray(logits.length - model.config.vocabulary);
        ids.push(last.indexOf(Math.max(...last)));
      }
      return ids.slice(prompt.length);
    });
    const options = { maxNewTokens: 9, eosTokenIds: [] };
    expect(await generate(model, [short, long], options)).toEqual(grown);
    expect([...(await generate(model, [short], options)), ...(await generate(model, [long], options))]).toEqual(grown);
    // in pieces: the rest sees the cached beginning
    const whole = alone(model, long);
    const rest = scope(() => {
      const cache = keyValueCache(long.length);
      const part = (ids: readonly number[]) =>
        lastState(model, { ids: tensor([ids as number[]], { dtype: "int64" }) }, { cache });
      return noGrad(() => {
        part(long.slice(0, 3));
        const logits = model.head(part(long.slice(3))).toFloats();
        cache.dispose();
        return logits;
      });
    });
    expect(distance(rest, whole.subarray(whole.length - rest.length))).toBeLessThan(1e-5);
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

  test("the last state of some positions is theirs of the whole", async () => {
    const model = await load(name);
    const ids = tensor([long, long.toReversed()], { dtype: "int64" });
    const only = tensor([9, 2, 15], { dtype: "int64" });
    const [whole, some] = [lastState(model, { ids }), lastState(model, { ids }, { only })];
    const expected = ops.indexSelect(ops.reshape(whole, [16, -1]), 0, only);
    expect(some.shape).toEqual(expected.shape);
    expect(distance(some.toFloats(), expected.toFloats())).toBeLessThan(1e-6);
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
    const targets = ["q_proj", "v_proj", "c_attn", "query_key_value", "query", "value"];
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
