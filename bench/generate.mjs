// Greedy generation against the peer's (generate.py): 16 prompts of 64 tokens, 64 new tokens. Prints one JSON line.
//   node bench/generate.mjs --model FOLDER --data DIR [--precision bf16]
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { generate } from "../dist/models/generate/generate.js";
import { loadModel } from "../dist/models/load.js";
import { memory, setThreads } from "../dist/tensor/index.js";
import { loadTokenizer } from "../dist/text/tokenizer.js";
import { floresLines, median } from "./material.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    precision: { type: "string", default: "fp32" },
    threads: { type: "string" },
    batch: { type: "string", default: "16" },
    prompt: { type: "string", default: "64" },
    new: { type: "string", default: "64" },
    repeats: { type: "string", default: "3" },
  },
});
const [batch, prompt, added] = [Number(values.batch), Number(values.prompt), Number(values.new)];
if (values.threads) setThreads(Number(values.threads));

const tokenizer = await loadTokenizer(values.model);
const model = await loadModel(values.model, {
  device: "cpu",
  dtype: values.precision === "bf16" ? "bfloat16" : "float32",
});
const lines = floresLines(values.data, ["eng_Latn", "deu_Latn", "swh_Latn", "zho_Hans"], 4 * batch);
const texts = Array.from({ length: batch }, (_, i) => lines.filter((_, at) => at % batch === i).join(" "));
const prompts = (await tokenizer.encodeBatch(texts)).map(({ ids }) => [...ids].slice(0, prompt));

async function timed(maxNewTokens) {
  const start = performance.now();
  const ids = await generate(model, prompts, { maxNewTokens, eosTokenIds: [] });
  return { ids, seconds: (performance.now() - start) / 1000 };
}
await timed(8);
const runs = [];
for (let i = 0; i < Number(values.repeats); i++) runs.push(await timed(added));
const first = [];
for (let i = 0; i < Number(values.repeats); i++) first.push((await timed(1)).seconds);
const seconds = median(runs.map((run) => run.seconds));
console.log(
  JSON.stringify({
    name: `generate.${model.config.family}.${values.precision}`,
    units: "new tokens/s",
    value: (batch * added) / seconds,
    seconds,
    all_seconds: runs.map((run) => Number(run.seconds.toFixed(3))),
    prefill_seconds: median(first),
    per_step_ms: ((seconds - median(first)) / (added - 1)) * 1000,
    output_hash: createHash("sha256")
      .update(JSON.stringify(runs[0].ids).replaceAll(",", ", "))
      .digest("hex")
      .slice(0, 16),
    output_first: runs[0].ids.slice(0, 4).map((row) => row.slice(0, 4)),
    peak_rss_mb: memory().peakResident / 2 ** 20,
  }),
);
