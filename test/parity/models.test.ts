import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { scoreRequests } from "../../src/eval/score.ts";
import { readConfig } from "../../src/models/config.ts";
import { families } from "../../src/models/families.ts";
import type { Tokens } from "../../src/models/family.ts";
import { loadModel } from "../../src/models/load.ts";
import { languageModelLoss, lastState } from "../../src/models/loss.ts";
import { hiddenStates, type Model } from "../../src/models/model.ts";
import { type Linear, linear, pool } from "../../src/nn/index.ts";
import { openSafetensors, ops, type SafetensorsFile, scope, type Tensor } from "../../src/tensor/index.ts";
import { needs, shared } from "../material.ts";

/** Largest |got − want| − 1e-4·|want| over the positions where the mask (one entry per row of `width`) is 1. */
function worst(got: Tensor, want: Tensor, mask?: ArrayLike<number | bigint>): number {
  const [a, b] = [got.toFloats(), want.toFloats()];
  expect(a.length).toBe(b.length);
  const width = mask === undefined ? 1 : a.length / mask.length;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (mask !== undefined && Number(mask[Math.floor(i / width)]) === 0) continue;
    const difference = Math.abs(a[i]! - b[i]!) - 1e-4 * Math.abs(b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Σ mean-pooled state · given weights, with the pooled vectors compared on the way: what the encoder's gradients are of. */
function sentenceLoss(model: Model, tokens: Tokens, expected: SafetensorsFile): Tensor {
  const h = model.norm(lastState(model, tokens));
  const lengths = Array.from(ops.sum(tokens.mask!, [1]).toArray(), Number);
  const pooled = pool(h, lengths, "mean");
  expect(worst(pooled, expected.get("mean_pool"))).toBeLessThan(1e-4);
  const { pooler } = model.tree as { pooler: { dense: Linear } };
  const own = ops.tanh(linear(pooler.dense, ops.select(h, 1, 0)));
  expect(worst(own, expected.get("pooler_output"))).toBeLessThan(1e-4);
  return ops.sumAll(ops.mul(pooled, expected.get("loss_weight")));
}

/** Tolerances are those of the reference's README. */
function compare(model: Model, expected: SafetensorsFile): void {
  const tokens = { ids: expected.get("input_ids"), mask: expected.get("attention_mask") };
  const mask = tokens.mask.toArray();
  scope(() => {
    const all = Array.from({ length: model.config.layers + 1 }, (_, layer) => layer);
    for (const [layer, h] of hiddenStates(model, tokens, all))
      expect(worst(h, expected.get(`hidden_states.${layer}`), mask), `hidden_states.${layer}`).toBeLessThan(1e-4);
    const last = [...model.layers(tokens)].at(-1)!;
    if (expected.entries.has("last_block_output"))
      expect(worst(last, expected.get("last_block_output"), mask)).toBeLessThan(1e-4);
    if (!model.bidirectional) expect(worst(model.head(last), expected.get("logits"), mask)).toBeLessThan(1e-4);
  });
  model.trainable("all");
  const loss = model.bidirectional
    ? sentenceLoss(model, tokens, expected)
    : languageModelLoss(model, { ...tokens, labels: expected.get("labels") });
  expect(Math.abs(loss.item() - expected.get("loss").item())).toBeLessThan(1e-5);
  loss.backward();
  const parameters = new Map(model.parameters());
  const names = [...expected.entries.keys()].filter((name) => name.startsWith("grad."));
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    const parameter =
      parameters.get(name.slice("grad.".length)) ?? parameters.get(name.replace(/^grad\.transformer\./, ""));
    const [got, want] = [parameter!.grad!.toFloats(), expected.get(name).toFloats()];
    const largest = want.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    const difference = got.reduce((m, x, i) => Math.max(m, Math.abs(x - want[i]!)), 0);
    // a key bias has no gradient but rounding: softmax does not see it
    if (!/(k_proj|key)\.bias$/.test(name)) expect(difference / largest, name).toBeLessThan(1e-4);
  }
  const learning = [...parameters.values()].flatMap(({ grad }) => grad ?? []); // the pooler has no part in the loss
  const squares = learning.reduce((total, grad) => total + ops.norm(grad).item() ** 2, 0);
  const norm = expected.get("grad_global_norm").item();
  expect(Math.abs(Math.sqrt(squares) - norm) / norm).toBeLessThan(1e-4);
}

/** Sequence log-probabilities through the scoring engine, for whole rows and for the labelled part alone. */
async function compareScores(model: Model, expected: SafetensorsFile): Promise<void> {
  const [rows, columns] = expected.get("input_ids").shape as [number, number];
  const ids = Array.from(expected.get("input_ids").toArray(), Number);
  const labels = Array.from(expected.get("labels").toArray(), Number);
  const lengths = ops.sum(expected.get("attention_mask"), [1]).toArray();
  const requests = Array.from({ length: rows }, (_, row) => {
    const real = ids.slice(row * columns, row * columns + Number(lengths[row]));
    const prompt = labels.slice(row * columns).findIndex((label) => label !== -100);
    return [1, prompt].map((start) => ({ context: real.slice(0, start), continuation: real.slice(start) }));
  });
  const scores = await scoreRequests(model, requests.flat(), { batchTokens: 64 });
  const [whole, target] = ["seq_logprob", "seq_logprob_target"].map((name) => expected.get(name).toFloats()) as [
    Float32Array,
    Float32Array,
  ];
  for (let row = 0; row < rows; row++) {
    expect(Math.abs(scores[2 * row]!.logprob - whole[row]!), `row ${row}`).toBeLessThan(5e-4);
    expect(Math.abs(scores[2 * row + 1]!.logprob - target[row]!), `row ${row}, target`).toBeLessThan(5e-4);
  }
}

/** Reference folders by the model_type of their config.json. */
const references: Record<string, string[]> = {
  xglm: ["xglm"],
  bloom: ["bloom"],
  gpt2: ["gpt2"],
  gpt_neo: ["gpt_neo"],
  llama: ["llama", "llama-rope3"],
  mistral: ["mistral"],
  qwen2: ["qwen2"],
  qwen3: ["qwen3"],
  gemma2: ["gemma2"],
  gemma3_text: ["gemma3_text"],
  "xlm-roberta": ["xlm-roberta"],
};

const goldens = fileURLToPath(new URL("../goldens/models", import.meta.url));

/** The family's golden, which every family has, and any others of its model_type. */
function own(family: string): string[] {
  const others = readdirSync(goldens).filter((folder) => readConfig(join(goldens, folder)).raw.model_type === family);
  return [...new Set([family, ...others])];
}

describe.each(Object.keys(families))("%s equals transformers", (name) => {
  test.each(own(name))("own golden %s: hidden states, logits, loss and gradients", async (golden) => {
    const folder = join(goldens, golden);
    compare(await loadModel(folder, { device: "cpu" }), openSafetensors(join(folder, "expected.safetensors")));
  });

  for (const folder of references[name]!) {
    test(`shared reference ${folder}: hidden states, logits, loss and gradients`, async (context) => {
      const place = `reference/models/${folder}`;
      needs(context, place);
      const model = await loadModel(shared(place), { device: "cpu" });
      const expected = openSafetensors(shared(`${place}/expected.safetensors`));
      compare(model, expected);
      if (!model.bidirectional) await compareScores(model, expected);
    });
  }
});
