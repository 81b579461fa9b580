import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { saveAdapter } from "../../src/models/adapter.ts";
import { loadModel } from "../../src/models/load.ts";
import { languageModelLoss, lastState } from "../../src/models/loss.ts";
import { type Linear, mergedWeight } from "../../src/nn/index.ts";
import { openSafetensors, ops, scope } from "../../src/tensor/index.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

/** Adapter folders and their base models. */
const adapters: [string, string][] = [
  ["xglm-lora", "xglm"],
  ["gpt2-lora-conv1d", "gpt2"],
  ["bloom-lora", "bloom"],
  ["llama-lora", "llama"],
  ["llama-rslora-all", "llama"],
  ["llama-lora-pattern", "llama"],
];

/** The layer at a dotted path. */
const layerAt = (tree: unknown, path: string): Linear =>
  path.split(".").reduce((node, key) => (node as Record<string, unknown>)[key], tree) as Linear;

test.for(adapters)("%s equals peft: logits, loss, gradients, merged weight", async ([name, base], context) => {
  needs(context, `reference/peft/${name}`, `reference/models/${base}`);
  const adapter = shared(`reference/peft/${name}`);
  const model = await loadModel(shared(`reference/models/${base}`), { device: "cpu", adapter });
  const expected = openSafetensors(`${adapter}/expected.safetensors`);
  const tokens = { ids: expected.get("input_ids"), mask: expected.get("attention_mask") };
  const mask = tokens.mask.toArray();
  const [got, want] = scope(() => [model.head(lastState(model, tokens)).toFloats(), expected.get("logits").toFloats()]);
  const width = got.length / mask.length;
  const worst = got.reduce(
    (most, x, i) =>
      Number(mask[Math.floor(i / width)]) === 0
        ? most
        : Math.max(most, Math.abs(x - want[i]!) - 1e-4 * Math.abs(want[i]!)),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
  const merged = [...expected.entries.keys()].filter((key) => key.startsWith("merged."));
  expect(merged).toHaveLength(1);
  for (const key of merged) {
    const path = key.slice("merged.".length, -".weight".length).replace(model.omittedPrefix ?? "", "");
    const [a, b] = [mergedWeight(layerAt(model.tree, path)).toFloats(), expected.get(key).toFloats()];
    expect(a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), Math.abs(a.length - b.length))).toBeLessThan(
      1e-5,
    );
  }
  const saved = join(folderWith(), "adapter");
  const { target_modules: targets, ...written } = JSON.parse(readFileSync(`${adapter}/adapter_config.json`, "utf8"));
  saveAdapter(model, saved, { base: "", rank: written.r, alpha: written.lora_alpha, targets, dropout: 0 });
  const again = JSON.parse(readFileSync(join(saved, "adapter_config.json"), "utf8"));
  expect(again.fan_in_fan_out).toBe(written.fan_in_fan_out);
  const keys = (folder: string) =>
    [...openSafetensors(join(folder, "adapter_model.safetensors")).entries.keys()].sort();
  expect(keys(saved)).toEqual(keys(adapter));
  model.trainable("adapter");
  const loss = languageModelLoss(model, { ...tokens, labels: expected.get("labels") });
  expect(Math.abs(loss.item() - expected.get("loss").item())).toBeLessThan(1e-5);
  loss.backward();
  const parameters = new Map(model.parameters().filter(([, p]) => p.requiresGrad));
  const names = [...expected.entries.keys()].filter((name) => name.startsWith("grad."));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const [a, b] = [parameters.get(name.slice(5))!.grad!.toFloats(), expected.get(name).toFloats()];
    const largest = b.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0) / largest, name).toBeLessThan(1e-4);
  }
  const norm = Math.sqrt([...parameters.values()].reduce((total, p) => total + ops.norm(p.grad!).item() ** 2, 0));
  expect(Math.abs(norm - expected.get("grad_global_norm").item())).toBeLessThan(1e-3);
});
