// A step of question-translation LoRA against the peer's (lora_sft.py: Trainer and PEFT): rank 8 on q_proj and v_proj, 16 rows
// per step in four micro-batches, prompts masked. Rows of a step are grouped by length, as recipes do. Prints one JSON line.
//   node bench/lora-sft.mjs --model FOLDER --data DIR [--precision bf16]
import { parseArgs } from "node:util";
import { padRows } from "../dist/data/token-batch.js";
import { attachLora } from "../dist/models/adapter.js";
import { loadModel } from "../dist/models/load.js";
import { languageModel } from "../dist/objectives/language-model.js";
import { memory, setThreads } from "../dist/tensor/index.js";
import { loadTokenizer } from "../dist/text/tokenizer.js";
import { train } from "../dist/train/trainer.js";
import { median, questions } from "./material.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    precision: { type: "string", default: "fp32" },
    threads: { type: "string" },
    warmup: { type: "string", default: "2" },
    steps: { type: "string", default: "6" },
  },
});
const [warmup, steps] = [Number(values.warmup), Number(values.steps)];
const [rowsPerBatch, accumulation] = [4, 4];
const perStep = rowsPerBatch * accumulation;
if (values.threads) setThreads(Number(values.threads));

const tokenizer = await loadTokenizer(values.model);

async function tokenRows() {
  const rows = questions(values.data, perStep * (warmup + steps), ["de", "zh"]);
  const [inputs, answers] = await Promise.all([
    tokenizer.encodeBatch(rows.map(([input]) => input)),
    tokenizer.encodeBatch(
      rows.map(([, answer]) => answer),
      { addSpecialTokens: false },
    ),
  ]);
  return rows.map((_, i) => {
    const [prompt, answer] = [inputs[i].ids, [...answers[i].ids, tokenizer.eosId]];
    const ids = Int32Array.from([...prompt, ...answer]).subarray(0, 2048);
    return { ids, labels: Int32Array.from(ids, (id, at) => (at < prompt.length ? -100 : id)) };
  });
}

const rows = await tokenRows();
const batches = Array.from({ length: warmup + steps }, (_, step) => {
  const own = rows.slice(step * perStep, (step + 1) * perStep).sort((a, b) => b.ids.length - a.ids.length);
  return Array.from({ length: accumulation }, (_, i) => {
    const some = own.slice(i * rowsPerBatch, (i + 1) * rowsPerBatch);
    const [ids, labels] = [some.map((row) => row.ids), some.map((row) => row.labels)];
    return padRows(ids, tokenizer.padId, labels);
  });
}).flat();

const model = await loadModel(values.model, { device: "cpu" });
attachLora(model, { rank: 8, alpha: 16, dropout: 0, targets: ["q_proj", "v_proj"] }, 0);
model.trainable("adapter");
const settings = {
  max_steps: warmup + steps,
  learning_rate: 5e-5,
  schedule: { kind: "cosine", warmup_ratio: 0.1, floor: 0 },
  gradient_accumulation_steps: accumulation,
  gradient_checkpointing: false,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  weight_decay: 0,
  max_grad_norm: 1,
  save_steps: 1e9,
  save_total_limit: 1,
};
const records = [];
const objectives = [languageModel("translation", { weight: 1 }, { batch: (position) => batches[position] })];
const compute = values.precision === "bf16" ? "bfloat16" : "float32";
for await (const record of train({ model, objectives, settings, seed: 0, compute })) records.push(record);
const measured = records.slice(warmup);
console.log(
  JSON.stringify({
    name: `interlingua.lora_sft.${model.config.family}.${values.precision}`,
    units: "non-pad tokens/s",
    value: Number(median(measured.map((record) => record.tokens_per_second)).toFixed(3)),
    step_seconds: Number(median(measured.map((record) => record.seconds)).toFixed(4)),
    peak_rss_mb: Math.round(memory().peakResident / 2 ** 20),
    loss_first: records[0].loss,
    loss_last: records.at(-1).loss,
    handles: memory().handles,
  }),
);
