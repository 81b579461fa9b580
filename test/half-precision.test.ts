import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadModel } from "../src/models/load.ts";
import { lastState } from "../src/models/loss.ts";
import { openSafetensors, scope } from "../src/tensor/index.ts";

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
