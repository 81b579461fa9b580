// From the start of a process to its end after one forward pass of 8 tokens: libraries, tokenizer, weights, logits. The
// counterpart of the peer's load.py, with a warm file cache. Prints one JSON line; with --peers, races it and prints the ratio.
//   node bench/load.mjs --model FOLDER [--precision bf16] [--threads N] [--repeats 3] [--peers DIR --python PYTHON --rounds 3]
import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { besidePeer, once, several } from "./cold.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    precision: { type: "string", default: "fp32" },
    threads: { type: "string", default: String(availableParallelism()) },
    repeats: { type: "string", default: "3" },
    peers: { type: "string" },
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "3" },
    child: { type: "boolean", default: false },
  },
});
const { model: folder, precision, threads } = values;

/** What a user's program would do, with the seconds of its parts. */
async function child() {
  const marks = [performance.now()];
  const mark = () => marks.push(performance.now());
  const { loadModel, loadTokenizer, noGrad, ops, scope, setThreads, tensor } = await import("../dist/index.js");
  setThreads(Number(threads));
  mark();
  await loadTokenizer(folder);
  mark();
  const model = await loadModel(folder, { device: "cpu", dtype: precision === "bf16" ? "bfloat16" : "float32" });
  mark();
  const sum = noGrad(() =>
    scope(() => {
      const ids = tensor([[2, 5, 6, 7, 8, 9, 10, 11]], { dtype: "int64" });
      const logits = model.head([...model.layers({ ids })].at(-1));
      return ops.sumAll(ops.toDtype(logits, "float64")).item();
    }),
  );
  mark();
  const seconds = marks.slice(1).map((time, i) => Number(((time - marks[i]) / 1e3).toFixed(6)));
  const [import_s, tokenizer_s, weights_s, forward_s] = seconds;
  const peak_rss_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ import_s, tokenizer_s, weights_s, forward_s, logit_sum: sum, peak_rss_mb }));
}

function measure(repeats) {
  const args = [fileURLToPath(import.meta.url), "--child", "--model", folder, "--precision", precision];
  const runs = several(repeats, () =>
    once(process.execPath, [...args, "--threads", threads], { OMP_NUM_THREADS: threads }),
  );
  const middle = runs[runs.length >> 1];
  return {
    name: `interlingua.load.${basename(folder)}.${precision}`,
    units: "s",
    value: Number(middle.seconds.toFixed(4)),
    fastest: Number(runs[0].seconds.toFixed(4)),
    weights_mb: statSync(join(folder, "model.safetensors")).size / 1e6,
    ...middle.line,
  };
}

if (values.child) await child();
else if (values.peers === undefined) console.log(JSON.stringify(measure(Number(values.repeats))));
else {
  const args = ["--model", folder, "--precision", precision, "--threads", threads];
  const { peers, python } = values;
  const ours = () => measure(1);
  const results = besidePeer({ python, peers, script: "load.py", args, rounds: Number(values.rounds), ours });
  console.log(`logit_sum    peer ${results.peer[0].logit_sum}  ours ${results.ours[0].logit_sum}`);
}
