import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type AdapterConfig, loadAdapter, saveAdapter } from "../../src/models/adapter.ts";
import { modules } from "../../src/models/adapter-targets.ts";
import { loadModel } from "../../src/models/load.ts";
import { languageModelLoss, lastState } from "../../src/models/loss.ts";
import { mergeAdapter } from "../../src/models/merge.ts";
import type { Model } from "../../src/models/model.ts";
import type { Linear } from "../../src/nn/index.ts";
import { openSafetensors, ops, type SafetensorsFile, scope } from "../../src/tensor/index.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

const own = fileURLToPath(new URL("../goldens/adapters", import.meta.url));
const reference = [
  "xglm-lora",
  "gpt2-lora-conv1d",
  "bloom-lora",
  "llama-lora",
  "llama-rslora-all",
  "llama-lora-pattern",
  "llama-lora-save-head",
  "xglm-lora-save-embed",
];

/** Largest |a − b| beyond `relative` · |b|. */
function worst(a: ArrayLike<number>, b: ArrayLike<number>, relative = 0): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!) - relative * Math.abs(b[i]!));
  return most;
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The golden's batch; `real` are the flat positions that are not padding, `last` each row's last one. */
function readTokens(expected: SafetensorsFile) {
  const [ids, mask] = ["input_ids", "attention_mask"].map((name) => expected.get(name)) as [Tensor, Tensor];
  const columns = mask.size(1);
  const real = [...mask.toArray()].flatMap((x, i) => (Number(x) === 1 ? [i] : []));
  const last = real.filter(
    (i, at) => at === real.length - 1 || Math.floor(real[at + 1]! / columns) > Math.floor(i / columns),
  );
  return { tokens: { ids, mask }, real, last };
}
type Tensor = ReturnType<SafetensorsFile["get"]>;

function logitsAt(model: Model, tokens: { ids: Tensor; mask: Tensor }, positions: number[]): Float32Array {
  const all = scope(() => model.head(lastState(model, tokens)).toFloats());
  return pick(all, model.config.vocabulary, positions);
}

function pick(all: Float32Array, width: number, positions: number[]): Float32Array {
  return Float32Array.from(positions.flatMap((i) => [...all.subarray(i * width, (i + 1) * width)]));
}

const placeOf = (folder: string) =>
  join(folder, JSON.parse(readFileSync(`${folder}/adapter_config.json`, "utf8")).base_model_name_or_path);

async function load(folder: string): Promise<{ model: Model; config: AdapterConfig; expected: SafetensorsFile }> {
  const model = await loadModel(placeOf(folder), { device: "cpu", copy: true });
  const config = loadAdapter(model, folder);
  return { model, config, expected: openSafetensors(`${folder}/expected.safetensors`) };
}

async function checkActive(folder: string): Promise<void> {
  const { model, expected } = await load(folder);
  const { tokens, real } = readTokens(expected);
  const want = pick(expected.get("logits").toFloats(), model.config.vocabulary, real);
  expect(worst(logitsAt(model, tokens, real), want, 1e-4)).toBeLessThan(1e-4);
  model.trainable("adapter");
  const loss = languageModelLoss(model, { ...tokens, labels: expected.get("labels") });
  expect(Math.abs(loss.item() - expected.get("loss").item())).toBeLessThan(1e-5);
  loss.backward();
  const parameters = new Map(model.parameters().filter(([, p]) => p.requiresGrad));
  const names = [...expected.entries.keys()].filter((name) => name.startsWith("grad."));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const [a, b] = [parameters.get(name.slice("grad.".length))!.grad!.toFloats(), expected.get(name).toFloats()];
    expect(worst(a, b) / largest(b), name).toBeLessThan(1e-4);
  }
  const norm = Math.sqrt([...parameters.values()].reduce((total, p) => total + ops.norm(p.grad!).item() ** 2, 0));
  expect(Math.abs(norm - expected.get("grad_global_norm").item())).toBeLessThan(1e-3);
}

async function checkMerged(folder: string): Promise<void> {
  const { model, expected } = await load(folder);
  const { tokens, last } = readTokens(expected);
  const { layers } = mergeAdapter(model);
  expect(layers).toBeGreaterThan(0);
  expect(worst(logitsAt(model, tokens, last), expected.get("logits_merged_last").toFloats())).toBeLessThan(2e-4);
  const merged = [...expected.entries.keys()].filter((key) => key.startsWith("merged."));
  expect(merged).toHaveLength(1);
  const name = merged[0]!.slice("merged.".length, -".weight".length);
  const { weight } = modules(model).find((module) => module.name === name)!.node as Linear;
  expect(worst(weight.toFloats(), expected.get(merged[0]!).toFloats())).toBeLessThan(1e-5);
  expect(model.parameters().filter(([key]) => key.startsWith("base_model."))).toEqual([]);
}

/** What changes what an adapter computes; PEFT writes it as it was given. */
const meaning = [
  "r",
  "lora_alpha",
  "target_modules",
  "use_rslora",
  "rank_pattern",
  "alpha_pattern",
  "modules_to_save",
  "fan_in_fan_out",
  "exclude_modules",
  "layers_to_transform",
  "layers_pattern",
];

async function checkSaved(folder: string): Promise<void> {
  const { model, config } = await load(folder);
  const saved = join(folderWith(), "adapter");
  saveAdapter(model, saved, { ...config, base: placeOf(folder) });
  const [written, given] = [saved, folder].map((place) =>
    JSON.parse(readFileSync(`${place}/adapter_config.json`, "utf8")),
  );
  const set = (value: unknown) =>
    value === undefined || JSON.stringify(value) === "{}" || value === false ? null : value;
  for (const key of meaning) expect([set(written[key])].flat(), key).toEqual([set(given[key])].flat());
  const [ours, theirs] = [saved, folder].map((place) => openSafetensors(`${place}/adapter_model.safetensors`));
  expect([...ours!.entries.keys()].sort()).toEqual([...theirs!.entries.keys()].sort());
  for (const key of ours!.entries.keys()) expect(ours!.get(key).toFloats(), key).toEqual(theirs!.get(key).toFloats());
  expect(ours!.metadata).toEqual({ format: "pt" });
}

const checks = {
  "active: logits, loss, gradients": checkActive,
  "merged: logits, weight": checkMerged,
  "saved again": checkSaved,
};

for (const [title, check] of Object.entries(checks)) {
  test.for(reference)(`reference %s equals peft, ${title}`, async (name, context) => {
    needs(context, `reference/peft/${name}`, "reference/models");
    await check(shared(`reference/peft/${name}`));
  });
  test.for(readdirSync(own))(`own golden %s equals peft, ${title}`, (name) => check(join(own, name)));
}
