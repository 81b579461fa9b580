import { expect, test } from "vitest";
import { loadModel } from "../../src/models/load.ts";
import { languageModelLoss, lastState } from "../../src/models/loss.ts";
import { openSafetensors, ops, scope } from "../../src/tensor/index.ts";
import { needs, shared } from "../material.ts";

test("xglm-lora equals peft: logits, loss, gradients", async (context) => {
  needs(context, "reference/peft/xglm-lora", "reference/models/xglm");
  const adapter = shared("reference/peft/xglm-lora");
  const model = await loadModel(shared("reference/models/xglm"), { device: "cpu", adapter });
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
