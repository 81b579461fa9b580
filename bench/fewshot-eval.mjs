// In-context evaluation against the peer's (fewshot_eval.py, lm-evaluation-harness): same demonstrations, same documents.
// Prints one JSON line; --out writes a line per choice. The clock runs over the scoring alone, as the peer's does.
//   node bench/fewshot-eval.mjs --model FOLDER --data DIR [--task xnli|xcopa] [--out FILE] [--precision bf16]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { scoreRequests } from "../dist/eval/score.js";
import { loadModel } from "../dist/models/load.js";
import { choiceTasks } from "../dist/tasks/index.js";
import { demonstrationText, toExample } from "../dist/tasks/prompt.js";
import { memory, setThreads } from "../dist/tensor/index.js";
import { encodePairs } from "../dist/text/encode-pair.js";
import { loadTokenizer } from "../dist/text/tokenizer.js";
import { median } from "./material.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    task: { type: "string", default: "xnli" },
    langs: { type: "string" },
    shots: { type: "string", default: "5" },
    limit: { type: "string", default: "12" },
    out: { type: "string" },
    precision: { type: "string", default: "fp32" },
    threads: { type: "string" },
    repeats: { type: "string", default: "3" },
    "batch-tokens": { type: "string", default: "4096" },
  },
});
if (values.threads) setThreads(Number(values.threads));
const limit = Number(values.limit);
const dtype = values.precision === "bf16" ? "bfloat16" : "float32";
const languages = (values.langs ?? (values.task === "xnli" ? "de,sw" : "zh,sw")).split(",");

/** XNLI: rows 0–4 are shown, rows from 6 on are asked; XCOPA: the first rows, nothing shown. */
async function examplesOf(language) {
  const task = choiceTasks[values.task];
  const prompt = task.prompt({ prompts: "harness", language });
  const { rows } = await task.rows({ folder: values.data, language, split: "dev", prompts: "harness" });
  const shots = values.task === "xnli" ? Number(values.shots) : 0;
  const first = values.task === "xnli" ? 6 : 0;
  const before = rows
    .slice(0, shots)
    .map((row) => demonstrationText(prompt, row, row.label))
    .join("");
  return rows.slice(first, first + limit).map((row) => toExample(prompt, row, row.label, before));
}

const [model, tokenizer] = await Promise.all([
  loadModel(values.model, { device: "cpu", dtype }),
  loadTokenizer(values.model),
]);
const sets = new Map();
for (const language of languages) sets.set(language, await examplesOf(language));
const examples = [...sets.values()].flat();
const requests = await encodePairs(
  tokenizer,
  examples.flatMap((example) => example.requests),
);
const options = { batchTokens: Number(values["batch-tokens"]) };
await scoreRequests(model, requests.slice(0, 6), options);
const [all, busy] = [[], []];
let scores;
for (let i = 0; i < Number(values.repeats); i++) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  scores = await scoreRequests(model, requests, options);
  all.push((performance.now() - start) / 1000);
  const { user, system } = process.cpuUsage(used);
  busy.push((user + system) / 1e6);
}
if (values.out) {
  let next = 0;
  const lines = [...sets].flatMap(([language, own]) =>
    own.flatMap((example, doc) =>
      example.requests.map((_, choice) => {
        const { logprob, greedy } = scores[next++];
        return JSON.stringify({ task: `${values.task}_${language}`, doc, choice, loglikelihood: logprob, greedy });
      }),
    ),
  );
  writeFileSync(values.out, `${lines.join("\n")}\n`);
}
const shots = values.task === "xnli" ? values.shots : 0;
console.log(
  JSON.stringify({
    name: `interlingua.fewshot_eval.${values.task}.${shots}shot.${model.config.family}.${values.precision}`,
    units: "documents/s",
    value: examples.length / median(all),
    seconds: median(all),
    all_seconds: all.map((x) => Number(x.toFixed(3))),
    cpu_seconds: median(busy),
    documents: examples.length,
    requests: requests.length,
    peak_rss_mb: memory().peakResident / 2 ** 20,
  }),
);
