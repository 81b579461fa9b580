// Sentence vectors against the peer's (embed.py): the mean of one layer over 2,000 FLORES sentences. Prints one JSON line.
//   node bench/embed.mjs --model FOLDER --data DIR [--layer 4] [--precision bf16] [--all]
// --all: the states of every layer, pooled three ways, for the same sentences.
import { parseArgs } from "node:util";
import { sentenceStates } from "../dist/lenses/sentence-states.js";
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
    layer: { type: "string", default: "4" },
    repeats: { type: "string", default: "3" },
    "batch-tokens": { type: "string", default: "4096" },
    all: { type: "boolean", default: false },
  },
});
if (values.threads) setThreads(Number(values.threads));
const compute = values.precision === "bf16" ? "bfloat16" : "float32";
const tokenizer = await loadTokenizer(values.model);
const model = await loadModel(values.model, { device: "cpu", dtype: compute });
const text = floresLines(values.data, ["eng_Latn", "deu_Latn", "swh_Latn", "zho_Hans"], 500);
const layer = Number(values.layer);
const layers = values.all ? Array.from({ length: model.config.layers + 1 }, (_, i) => i) : [layer];
const options = {
  layers,
  poolings: values.all ? ["mean", "weighted", "last"] : ["mean"],
  batchTokens: Number(values["batch-tokens"]),
};

async function timed(lines) {
  const start = performance.now();
  const states = await sentenceStates(model, tokenizer, lines, options);
  return { states, seconds: (performance.now() - start) / 1000 };
}
await timed(text.slice(0, 64));
const runs = [];
for (let i = 0; i < Number(values.repeats); i++) runs.push(await timed(text));
const seconds = median(runs.map((run) => run.seconds));
const vectors = runs[0].states.of(layer, "mean").toFloats();
const width = model.config.width;
const norms = text.map((_, row) => Math.hypot(...vectors.subarray(row * width, (row + 1) * width)));
console.log(
  JSON.stringify({
    name: `embed.${model.config.family}.${values.precision}`,
    units: "sentences/s",
    value: text.length / seconds,
    seconds,
    all_seconds: runs.map((run) => Number(run.seconds.toFixed(3))),
    layers: layers.length,
    sample: [...vectors.subarray(0, 4)].map((value) => Number(value.toFixed(6))),
    norm_mean: Number((norms.reduce((a, b) => a + b) / norms.length).toFixed(6)),
    peak_rss_mb: memory().peakResident / 2 ** 20,
  }),
);
