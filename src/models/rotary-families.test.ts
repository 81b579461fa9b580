import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { linearLogProbs } from "../nn/index.ts";
import { autocast, memory, noGrad, openSafetensors, ops, scope, tensor, writeSafetensors } from "../tensor/index.ts";
import { loadModel } from "./load.ts";
import { languageModelLoss, lastState } from "./loss.ts";
import type { Model } from "./model.ts";
import { createModel } from "./scratch.ts";

const sizes = {
  vocab_size: 48,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 32,
};
const create = (name: string, changes: Record<string, unknown> = {}, dropout = false): Model =>
  createModel({ ...sizes, model_type: name, ...changes }, { device: "cpu", seed: 3, dropout });
const row = (length: number) => ({
  ids: tensor([Array.from({ length }, (_, t) => 4 + ((7 * t) % 44))], { dtype: "int64" }),
});
const output = (model: Model, length = 9) => scope(() => lastState(model, row(length)).toFloats());
const golden = (name: string) => fileURLToPath(new URL(`../../test/goldens/models/${name}`, import.meta.url));

describe.each(["llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text"])("%s", (name) => {
  test("attention dropout is asked for twice: by the option and by a seed", () => {
    const changes = { attention_dropout: 0.5 };
    const [plain, dropping] = [create(name, changes), create(name, changes, true)];
    expect([plain.config.hasDropout, dropping.config.hasDropout]).toEqual([false, true]);
    const run = (model: Model, dropoutSeed?: bigint) =>
      scope(() => lastState(model, row(9), dropoutSeed === undefined ? {} : { dropoutSeed }).toFloats());
    const calm = run(plain);
    expect(run(plain, 1n)).toEqual(calm);
    expect(run(dropping)).toEqual(calm);
    expect(run(dropping, 1n)).toEqual(run(dropping, 1n));
    expect(run(dropping, 1n)).not.toEqual(calm);
  });

  test("a new model's norms change nothing at first", () => {
    const model = create(name);
    const h = tensor([Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 1 : -1))], { dtype: "float32" });
    const normed = scope(() => model.norm(h).toFloats());
    for (const [i, x] of normed.entries()) expect(x).toBeCloseTo(i % 2 === 0 ? 1 : -1, 5);
  });

  test("steps hold no tensors, whatever the lengths", () => {
    const model = create(name);
    model.trainable("all");
    const step = (length: number) => {
      const { ids } = row(length);
      const loss = languageModelLoss(model, { ids, labels: ids });
      loss.backward();
      loss.dispose();
      ids.dispose();
    };
    step(9);
    const before = memory().handles;
    for (const length of [3, 9, 20]) step(length);
    // the collector may free what earlier tests left
    expect(memory().handles).toBeLessThanOrEqual(before);
  });

  test("bfloat16 products stay near float32", () => {
    const model = create(name);
    const exact = output(model);
    const rounded = scope(() =>
      autocast("cpu", "bfloat16", () => ops.toDtype(lastState(model, row(9)), "float32").toFloats()),
    );
    const largest = Math.max(...exact.map(Math.abs));
    for (const [i, x] of exact.entries()) expect(Math.abs(rounded[i]! - x)).toBeLessThan(0.05 * largest);
  });
});

test.each([
  [
    "llama",
    { rope_scaling: { rope_type: "longrope" } },
    "rope_type is longrope; implemented: default, linear, dynamic",
  ],
  ["llama", { rope_scaling: { type: "su", factor: 2 } }, "type is su; implemented: default, linear, dynamic"],
  ["llama", { rope_scaling: { type: "linear" } }, "rope_scaling: expected a number for factor"],
  ["llama", { partial_rotary_factor: 0.5 }, "partial_rotary_factor is 0.5; implemented: 1"],
  ["llama", { hidden_act: "relu" }, "hidden_act is relu; implemented: silu"],
  ["llama", { num_key_value_heads: 3 }, "num_key_value_heads is 3; expected a divisor of num_attention_heads, 4"],
  ["llama", { head_dim: 5 }, "heads are 5 wide"],
  ["gemma2", { layer_types: ["full_attention", "chunked_attention"] }, 'layer_types[1] is "chunked_attention"'],
  ["gemma2", { layer_types: ["full_attention"] }, "expected layer_types to be a list of 2"],
  ["gemma3_text", { attn_logit_softcapping: 50 }, "attn_logit_softcapping is 50; implemented: null"],
  ["gemma3_text", { use_bidirectional_attention: true }, "use_bidirectional_attention is true; implemented: false"],
  ["gemma3_text", { rope_parameters: { full_attention: { rope_theta: 1 } } }, "rope_parameters.full_attention"],
])("%s refuses %j", (name, changes, message) => {
  expect(() => create(name, changes)).toThrow(message);
});

test("transformers 5 writes the rotary settings in another place", () => {
  const old = create("llama", { rope_theta: 500, rope_scaling: { type: "linear", factor: 2 } });
  const now = create("llama", { rope_parameters: { rope_theta: 500, rope_type: "linear", factor: 2 } });
  expect(output(now)).toEqual(output(old));
  expect(output(now)).not.toEqual(output(create("llama", { rope_theta: 500 })));
});

test("dynamic scaling depends on the length of the row at hand alone", () => {
  const changes = { max_position_embeddings: 8, rope_scaling: { type: "dynamic", factor: 4 } };
  const model = create("llama", changes);
  expect(model.config.maximumLength).toBe(32);
  const short = output(model, 6);
  expect(short).toEqual(output(create("llama"), 6));
  output(model, 20);
  expect(output(model, 6)).toEqual(short);
  expect(output(model, 12)).toEqual(output(create("llama", changes), 12));
});

test("a table grows to rows longer than those it began with", () => {
  const changes = { max_position_embeddings: 200 };
  const model = create("llama", changes);
  output(model, 5);
  expect(output(model, 150)).toEqual(output(create("llama", changes), 150));
});

test("older configs leave layer_types out", () => {
  const types = (...letters: string[]) => letters.map((s) => (s === "s" ? "sliding_attention" : "full_attention"));
  const shape = { sliding_window: 3, num_hidden_layers: 3 };
  const same = (name: string, changes: Record<string, unknown>, given: Record<string, unknown>) =>
    expect(output(create(name, { ...shape, ...changes }))).toEqual(output(create(name, { ...shape, ...given })));
  same("gemma2", {}, { layer_types: types("s", "f", "s") });
  same("gemma3_text", { sliding_window_pattern: 2 }, { layer_types: types("s", "f", "s") });
  same("gemma3_text", {}, { layer_types: types("s", "s", "s") });
  const qwen = { use_sliding_window: true };
  same("qwen2", { ...qwen, max_window_layers: 1 }, { ...qwen, layer_types: types("f", "s", "s") });
  same("qwen3", {}, { sliding_window: null });
});

test("frequency buffers of old checkpoints and the head of a tied model are passed over", async () => {
  const folder = folderWith();
  cpSync(golden("llama-linear"), folder, { recursive: true });
  const stored = openSafetensors(join(golden("llama-linear"), "model.safetensors"));
  const weights = new Map([...stored.entries.keys()].map((name) => [name, stored.get(name)] as const));
  weights.set("model.layers.0.self_attn.rotary_emb.inv_freq", ops.ones([2]));
  weights.set("lm_head.weight", ops.ones([48, 16]));
  writeSafetensors(join(folder, "model.safetensors"), weights);
  const model = await loadModel(folder, { device: "cpu" });
  expect(output(model)).toEqual(output(await loadModel(golden("llama-linear"), { device: "cpu" })));
});

test("scores of capped logits are those of the whole head", async () => {
  const model = await loadModel(golden("gemma2"), { device: "cpu" });
  scope(() => {
    const h = ops.select(lastState(model, row(9)), 0, 0); // [9 D]
    const { weight, softcap } = model.unembedding();
    expect(softcap).toBe(3);
    const labels = ops.select(row(9).ids, 0, 0);
    const { logProbs } = noGrad(() => linearLogProbs(model.norm(h), weight, labels, softcap));
    const whole = ops.gather(ops.logSoftmax(model.head(h), 1), 1, ops.unsqueeze(labels, 1)).toFloats();
    for (const [i, x] of logProbs.entries()) expect(x).toBeCloseTo(whole[i]!, 5);
  });
});
