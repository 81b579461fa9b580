import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { padRows } from "../../src/data/token-batch.ts";
import { loadModel } from "../../src/models/load.ts";
import type { Model } from "../../src/models/model.ts";
import { copyTiedHead } from "../../src/models/tied-head.ts";
import { contrastive, contrastiveSettings } from "../../src/objectives/contrastive.ts";
import { languageModel } from "../../src/objectives/language-model.ts";
import { openSafetensors, ops, type Tensor } from "../../src/tensor/index.ts";
import { plainTape } from "../../src/train/tape.ts";
import { runWindow, type StepResult } from "../../src/train/window.ts";
import { needs, shared } from "../material.ts";

interface Official {
  pooler: string;
  contrastive_loss: number;
  clm_loss: number;
  joint_loss: number;
  cl_weight: number;
  clm_weight: number;
  temp: number;
  joint_gradient_l2_per_parameter?: Record<string, number>;
  joint_gradient_l2_total?: number;
}

const folder = "reference/papers/afp";
const modelFolder = "reference/harness/model";

/** Rows of a [R T] tensor without their padding. */
function rows(ids: Tensor, mask?: Tensor): Int32Array[] {
  const [flat, on] = [ids.toArray() as Int32Array, mask?.toArray()];
  const columns = ids.size(-1);
  return Array.from({ length: flat.length / columns }, (_, row) =>
    flat
      .slice(row * columns, (row + 1) * columns)
      .filter((_, t) => on === undefined || Number(on[row * columns + t]) === 1),
  );
}

/** Our two objectives on the reference's batch, their gradients added up. */
function step(model: Model, official: Official): StepResult {
  const file = openSafetensors(shared(`${folder}/losses.safetensors`));
  const sides = rows(file.get("input_ids"), file.get("attention_mask"));
  const pairs = [0, 2, 4, 6].map((at) => ({ left: sides[at]!, right: sides[at + 1]! }));
  const blocks = padRows(rows(file.get("clm_input_ids")), 1, rows(file.get("clm_labels")));
  const [kind, layer] = official.pooler.split("-");
  const settings = contrastiveSettings.parse({
    weight: official.cl_weight,
    layer: layer === undefined ? model.config.layers : Number(layer),
    pooling: kind === "avg" ? "mean" : kind,
    temperature: official.temp,
    direction: "one",
    mask_duplicates: false,
  });
  const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
  for (const objective of [
    contrastive(settings, { padId: 1, microBatches: 1, batch: () => pairs }),
    languageModel("instruction", { weight: official.clm_weight }, { microBatches: 1, batch: () => blocks }),
  ])
    runWindow(
      { tape: plainTape(model), objective, positions: [0], pieces: 1, options: () => ({}), compute: "float32" },
      result,
    );
  return result;
}

test("AFP's joint loss and gradient, as the official code computes them on an untied model", async (context) => {
  needs(context, `${folder}/losses.safetensors`, modelFolder);
  const { float32_official } = JSON.parse(readFileSync(shared(`${folder}/losses.json`), "utf8")) as {
    float32_official: (Official & { hard_negative_weight?: number })[];
  };
  const ours = float32_official.filter(
    ({ pooler, hard_negative_weight }) => /^(last|avg)(-\d)?$/.test(pooler) && hard_negative_weight === undefined,
  );
  let gradients = 0;
  for (const official of ours.filter(({ clm_loss, contrastive_loss }) => clm_loss > 0 && contrastive_loss > 0)) {
    const model = await loadModel(shared(modelFolder), { device: "cpu", copy: true });
    copyTiedHead(model);
    model.trainable("all");
    const { parts } = step(model, official);
    expect(Math.abs(parts.contrastive! - official.contrastive_loss), official.pooler).toBeLessThan(1e-4);
    expect(Math.abs(parts.instruction! - official.clm_loss), official.pooler).toBeLessThan(1e-4);
    const joint = official.cl_weight * parts.contrastive! + official.clm_weight * parts.instruction!;
    expect(Math.abs(joint - official.joint_loss), official.pooler).toBeLessThan(2e-4);
    const norms = official.joint_gradient_l2_per_parameter;
    if (norms === undefined) continue;
    gradients++;
    const found = new Map(
      model.parameters().map(([name, p]) => [name, p.grad === undefined ? 0 : ops.norm(p.grad).item()]),
    );
    // a key bias has no gradient but rounding: softmax does not see it
    for (const [name, norm] of Object.entries(norms))
      if (!name.endsWith("k_proj.bias"))
        expect(Math.abs(found.get(name)! - norm), `${official.pooler} ${name}`).toBeLessThan(1e-3 * norm + 1e-6);
    const total = Math.hypot(...found.values());
    expect(Math.abs(total / official.joint_gradient_l2_total! - 1)).toBeLessThan(1e-3);
  }
  expect([ours.length > 5, gradients]).toEqual([true, 3]);
});
