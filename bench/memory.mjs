// Peak resident memory of one job on a model folder beside what `interlingua inspect` foretells. Prints one JSON line.
//   node bench/memory.mjs --model FOLDER --job score|states|lora|full [--checkpointing] [--precision bf16] [--rows 8] [--length 128]
import { parseArgs } from "node:util";
import { scoreRequests } from "../dist/eval/score.js";
import { attachLora } from "../dist/models/adapter.js";
import { readAnatomy } from "../dist/models/anatomy.js";
import { loadModel } from "../dist/models/load.js";
import { lastState } from "../dist/models/loss.js";
import { scoringMemory, statesMemory, trainingMemory } from "../dist/models/memory.js";
import { rightPadded } from "../dist/models/right-padded.js";
import { languageModel } from "../dist/objectives/language-model.js";
import { memory, noGrad, scope, setThreads } from "../dist/tensor/index.js";
import { train } from "../dist/train/trainer.js";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    job: { type: "string" },
    precision: { type: "string", default: "fp32" },
    checkpointing: { type: "boolean", default: false },
    rows: { type: "string", default: "8" },
    length: { type: "string", default: "128" },
    steps: { type: "string", default: "3" },
    targets: { type: "string", default: "q_proj,v_proj" },
  },
});
setThreads(1); // more threads only add their small buffers
const compute = values.precision === "bf16" ? "bfloat16" : "float32";
const [rows, length] = [Number(values.rows), Number(values.length)];
const anatomy = readAnatomy(values.model);
const { measures } = anatomy;
const id = (row, t) => (row * 7919 + t * 104729) % Math.min(anatomy.sizes.vocabulary, 16_000);
const ids = Array.from({ length: rows }, (_, row) => Int32Array.from({ length }, (_, t) => id(row, t)));

async function score() {
  const model = await loadModel(values.model, { device: "cpu", dtype: compute });
  const requests = ids.map((row) => ({ context: [...row.subarray(0, 1)], continuation: [...row.subarray(1), 3] }));
  await scoreRequests(model, requests, { batchTokens: rows * length, compute });
  return scoringMemory(measures, { rows, length, compute });
}

async function tune(full) {
  const model = await loadModel(values.model, { device: "cpu", copy: full });
  if (!full) attachLora(model, { rank: 8, alpha: 16, targets: values.targets.split(","), dropout: 0 }, 0);
  model.trainable(full ? "all" : "adapter");
  const trained = model
    .parameters()
    .filter(([, tensor]) => tensor.requiresGrad)
    .reduce((sum, [, tensor]) => sum + tensor.shape.reduce((product, n) => product * n, 1), 0);
  const flat = Int32Array.from(ids.flatMap((row) => [...row]));
  const batch = { rows, columns: length, ids: flat, labels: flat, lengths: Int32Array.from(ids, () => length) };
  const settings = {
    max_steps: Number(values.steps),
    learning_rate: 1e-5,
    schedule: { kind: "constant", warmup_steps: 0, warmup_ratio: 0 },
    gradient_accumulation_steps: 1,
    gradient_checkpointing: values.checkpointing,
    adam_beta1: 0.9,
    adam_beta2: 0.999,
    adam_epsilon: 1e-8,
    weight_decay: 0,
    max_grad_norm: 1,
    save_steps: 1e9,
    save_total_limit: 1,
  };
  // two objectives, as AFP has: the second finds the first one's gradients there
  const objectives = ["instruction", "text"].map((name) => languageModel(name, { weight: 1 }, { batch: () => batch }));
  for await (const record of train({ model, objectives, settings, seed: 0, compute })) void record;
  return trainingMemory(measures, { rows, length, compute, trained, full, checkpointing: values.checkpointing });
}

async function states() {
  const model = await loadModel(values.model, { device: "cpu", dtype: compute });
  const batch = { rows, columns: length, ids: Int32Array.from(ids.flatMap((row) => [...row])) };
  noGrad(() => scope(() => void lastState(model, rightPadded(model, { ...batch, lengths: ids.map(() => length) }))));
  return statesMemory(measures, { rows, length, compute });
}

const jobs = { score, states, lora: () => tune(false), full: () => tune(true) };
const foretold = await jobs[values.job]();
const { peakResident } = memory();
const megabytes = (bytes) => Math.round(bytes / 1e6);
console.log(
  JSON.stringify({
    name: `interlingua.memory.${values.job}.${values.precision}${values.checkpointing ? ".checkpointing" : ""}`,
    units: "measured / foretold",
    value: Number((peakResident / foretold.total).toFixed(3)),
    measured_mb: megabytes(peakResident),
    foretold_mb: megabytes(foretold.total),
    parts_mb: Object.fromEntries(Object.entries(foretold).map(([part, bytes]) => [part, megabytes(bytes)])),
  }),
);
