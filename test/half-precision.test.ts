import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { attachLora } from "../src/models/adapter.ts";
import { readAdapterConfig } from "../src/models/adapter-config.ts";
import { loadModel } from "../src/models/load.ts";
import { languageModelLoss, lastState } from "../src/models/loss.ts";
import { autocast, noGrad, openSafetensors, ops, scope } from "../src/tensor/index.ts";

const goldens = fileURLToPath(new URL("goldens/models/", import.meta.url));

/** How far transformers' own bfloat16 run of each golden is from float32, relative to the largest output. */
const theirs = JSON.parse(
  readFileSync(fileURLToPath(new URL("goldens/half-precision.golden.json", import.meta.url)), "utf8"),
) as Record<string, number>;

/** Roundings fall elsewhere in another order of operations; ours may be this many times as far from float32 as theirs. */
const slack = 1.5;

test.each(readdirSync(goldens))("%s in bfloat16 is as near to float32 as in transformers", async (name) => {
  const model = await loadModel(`${goldens}${name}`, { device: "cpu", dtype: "bfloat16" });
  const expected = openSafetensors(`${goldens}${name}/expected.safetensors`);
  const mask = expected.get("attention_mask").toArray();
  const [got, want] = scope(() => {
    const h = lastState(model, { ids: expected.get("input_ids"), mask: expected.get("attention_mask") });
    const out = model.bidirectional ? model.norm(h) : model.head(h);
    const reference = model.bidirectional ? `hidden_states.${model.config.layers}` : "logits";
    return [out.toFloats(), expected.get(reference).toFloats()] as const;
  });
  const width = want.length / mask.length;
  const real = want.map((_, i) => (Number(mask[Math.floor(i / width)]) === 1 ? 1 : 0));
  const largest = want.reduce((most, x, i) => Math.max(most, Math.abs(x) * real[i]!), 0);
  const difference = want.reduce((most, x, i) => Math.max(most, Math.abs(x - got[i]!) * real[i]!), 0);
  expect(difference / largest).toBeLessThan(slack * theirs[name]!);
  // it is bfloat16 that was computed
  expect(difference / largest).toBeGreaterThan(1e-5);
});

const adapters = fileURLToPath(new URL("goldens/adapters/", import.meta.url));

/** How far PEFT's loss and gradients with a bfloat16 base, a float32 adapter and autocast are from float32. */
const pefts = JSON.parse(
  readFileSync(fileURLToPath(new URL("goldens/half-precision-adapters.golden.json", import.meta.url)), "utf8"),
) as Record<string, { loss: number; gradient: number }>;

const largest = (values: Float32Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

// modules that an adapter brings whole are float32 copies
test.each(readdirSync(adapters))(
  "LoRA %s on a bfloat16 base: loss and gradients are as near to float32 as PEFT's",
  async (name) => {
    const config = readAdapterConfig(adapters + name);
    const base = `${adapters}${name}/${config.base!}`;
    const model = await loadModel(base, { device: "cpu", dtype: "bfloat16" });
    attachLora(model, { ...config, dropout: 0 }, 0);
    model.trainable("adapter");
    const trained = new Map(model.parameters().filter(([, tensor]) => tensor.requiresGrad));
    const stored = openSafetensors(`${adapters}${name}/adapter_model.safetensors`);
    noGrad(() => {
      for (const [key, tensor] of trained) ops.copyInto(tensor, stored.get(key));
    });
    const expected = openSafetensors(`${adapters}${name}/expected.safetensors`);
    const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map((key) => expected.get(key));
    const loss = autocast("cpu", "bfloat16", () =>
      languageModelLoss(model, { ids: ids!, mask: mask!, labels: labels! }),
    );
    loss.backward();
    const difference = Math.abs(loss.item() - expected.get("loss").item());
    // one number may be near by chance, so the largest distance of theirs is the measure
    expect(difference).toBeLessThan(slack * Math.max(...Object.values(pefts).map((theirs) => theirs.loss)));
    let worst = 0;
    for (const [key, tensor] of trained) {
      expect(tensor.dtype).toBe("float32");
      const [got, want] = [tensor.grad!.toFloats(), expected.get(`grad.${key}`).toFloats()];
      worst = Math.max(worst, largest(got.map((x, i) => x - want[i]!)) / largest(want));
    }
    expect(worst).toBeLessThan(slack * pefts[name]!.gradient);
    expect(worst).toBeGreaterThan(1e-4); // it is bfloat16 that was computed
  },
);
