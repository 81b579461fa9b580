import { fileURLToPath } from "node:url";
import { padRows } from "../src/data/token-batch.ts";
import { loadModel } from "../src/models/load.ts";
import type { Model } from "../src/models/model.ts";
import { contrastive } from "../src/objectives/contrastive.ts";
import { languageModel } from "../src/objectives/language-model.ts";
import type { Objective } from "../src/objectives/objective.ts";
import { uniform } from "../src/stats/random.ts";
import type { TrainOptions } from "../src/train/trainer.ts";

/** The golden's tiny random XGLM: 2 layers, width 16, 48 ids, dropout 0.1 in its config. */
export const tinyFolder = fileURLToPath(new URL("./goldens/models/xglm", import.meta.url));

export async function tinyModel(options: { dropout?: boolean } = {}): Promise<Model> {
  const model = await loadModel(tinyFolder, { device: "cpu", copy: true, ...options });
  model.trainable("all");
  return model;
}

/** A row of ids that depends on nothing but its counters. */
export const row = (length: number, ...counters: number[]): Int32Array =>
  Int32Array.from({ length }, (_, t) => (t === 0 ? 2 : 4 + Math.floor(44 * uniform(1, ...counters, t))));

/** Contrastive on four pairs and supervised rows of ragged lengths, a pure function of the position. */
export function tinyObjectives(weights = { contrastive: 1, instruction: 1.5 }): Objective[] {
  return [
    contrastive(
      {
        weight: weights.contrastive,
        layer: 1,
        pooling: "mean",
        temperature: 0.05,
        direction: "symmetric",
        pairs_per_batch: 4,
        negatives: "micro_batch",
        mask_duplicates: true,
        maximum_length: 16,
      },
      {
        padId: 1,
        microBatches: 2,
        batch: (position) =>
          Array.from({ length: 4 }, (_, i) => ({
            left: row(5 + i, position, i, 0),
            right: row(7 - i, position, i, 1),
          })),
      },
    ),
    languageModel(
      "instruction",
      { weight: weights.instruction },
      { microBatches: 2, batch: (position) => supervised(3, position) },
    ),
  ];
}

/** Rows whose first three tokens are a prompt. */
export function supervised(count: number, position: number) {
  const rows = Array.from({ length: count }, (_, i) => row(6 + ((position + 2 * i) % 5), position, i, 2));
  return padRows(
    rows,
    1,
    rows.map((ids) => ids.map((id, t) => (t < 3 ? -100 : id))),
  );
}

export const tinySettings: TrainOptions["settings"] = {
  max_steps: 6,
  learning_rate: 1e-3,
  schedule: { kind: "cosine", warmup_ratio: 0.2, floor: 0 },
  gradient_accumulation_steps: 1,
  order: "joint",
  log_gradients_steps: 0,
  gradient_checkpointing: false,
  dropout: false,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  weight_decay: 0,
  max_grad_norm: 1,
  save_steps: 2,
  save_total_limit: 10,
};
