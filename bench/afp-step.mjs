// The AFP step against the peer's (afp_step.py): same model folder, same batches, same libtorch, a head of its own as in the
// official code unless --tied. Prints one JSON line.
//   node bench/afp-step.mjs --model FOLDER --data DIR [--precision bf16] [--tied] [--checkpointing]
import { parseArgs } from "node:util";
import { loadModel } from "../dist/models/load.js";
import { copyTiedHead } from "../dist/models/tied-head.js";
import { contrastive } from "../dist/objectives/contrastive.js";
import { languageModel } from "../dist/objectives/language-model.js";
import { memory, setThreads } from "../dist/tensor/index.js";
import { loadTokenizer } from "../dist/text/tokenizer.js";
import { train } from "../dist/train/trainer.js";
import { median, questions, tatoebaPairs } from "./material.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    precision: { type: "string", default: "fp32" },
    tied: { type: "boolean", default: false },
    checkpointing: { type: "boolean", default: false },
    threads: { type: "string" },
    warmup: { type: "string", default: "2" },
    steps: { type: "string", default: "5" },
  },
});
const [warmup, steps] = [Number(values.warmup), Number(values.steps)];
const [pairsPerStep, blocks, blockSize] = [8, 2, 512];
if (values.threads) setThreads(Number(values.threads));

const tokenizer = await loadTokenizer(values.model);
const special = [tokenizer.bosId, tokenizer.eosId];

async function contrastiveBatches() {
  const pairs = tatoebaPairs(values.data, pairsPerStep * (warmup + steps));
  const ids = (await tokenizer.encodeBatch(pairs.flat())).map((row) => Int32Array.from(row.ids.slice(0, 128)));
  return Array.from({ length: warmup + steps }, (_, step) =>
    Array.from({ length: pairsPerStep }, (_, i) => ({
      left: ids[2 * (step * pairsPerStep + i)],
      right: ids[2 * (step * pairsPerStep + i) + 1],
    })),
  );
}

// rows are concatenated until the blocks are full, the remainder is dropped; prompt tokens are not labelled, <s> and </s> always are
async function blockBatches() {
  const rows = questions(values.data, 40 * (warmup + steps));
  const [whole, prompts] = await Promise.all([
    tokenizer.encodeBatch(rows.map(([a, b]) => a + b)),
    tokenizer.encodeBatch(rows.map(([a]) => a)),
  ]);
  let next = 0;
  return Array.from({ length: warmup + steps }, () => {
    const [ids, labels] = [[], []];
    while (ids.length < blocks * blockSize) {
      const [full, prompt] = [whole[next].ids, prompts[next++].ids];
      let same = 0;
      while (same < Math.min(full.length, prompt.length) && full[same] === prompt[same]) same++;
      ids.push(...full);
      labels.push(...full.map((id, i) => (i >= same || special.includes(id) ? id : -100)));
    }
    const cut = blocks * blockSize;
    return {
      rows: blocks,
      columns: blockSize,
      ids: Int32Array.from(ids.slice(0, cut)),
      labels: Int32Array.from(labels.slice(0, cut)),
      lengths: Int32Array.from({ length: blocks }, () => blockSize),
    };
  });
}

const [pairs, texts] = [await contrastiveBatches(), await blockBatches()];
const model = await loadModel(values.model, { device: "cpu", copy: true });
if (!values.tied) copyTiedHead(model);
model.trainable("all");
const objectives = [
  contrastive(
    { weight: 1, layer: 1, pooling: "last", temperature: 0.05, direction: "one" },
    { padId: tokenizer.padId, batch: (position) => pairs[position] },
  ),
  languageModel("instruction", { weight: 1.5 }, { batch: (position) => texts[position] }),
];
const settings = {
  max_steps: warmup + steps,
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
const records = [];
for await (const record of train({
  model,
  objectives,
  settings,
  seed: 0,
  compute: values.precision === "bf16" ? "bfloat16" : "float32",
}))
  records.push(record);
const measured = records.slice(warmup);
const parts = ({ parts: p }) => [p.contrastive, p.instruction].map((x) => Number(x.toFixed(6)));
console.log(
  JSON.stringify({
    name: `interlingua.afp_step.${values.precision}${values.tied ? ".tied" : ""}`,
    units: "non-pad tokens/s",
    value: Number(median(measured.map((record) => record.tokens_per_second)).toFixed(3)),
    step_seconds: Number(median(measured.map((record) => record.seconds)).toFixed(4)),
    peak_rss_mb: Math.round(memory().peakResident / 2 ** 20),
    loss_first: parts(records[0]),
    loss_last: parts(records.at(-1)),
    handles: memory().handles,
  }),
);
