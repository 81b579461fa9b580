// Two processes with one thread each against one process with two threads: the same AFP steps of the same global batch, through
// the command line. Prints one JSON line; `ratio` is two processes' tokens per second over one's.
//   node bench/processes.mjs --model FOLDER --data DIR [--steps 8] [--precision bf16] [--tokens 1024]
// --tokens: instruction tokens in a step of both, padding included, with eight pairs for every 512. Rows are not packed the
// paper's way: it drops the remainder of each process's block, so that two processes would do other work than one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stringify } from "yaml";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    steps: { type: "string", default: "8" },
    precision: { type: "string", default: "fp32" },
    tokens: { type: "string", default: "1024" },
  },
});
const program = fileURLToPath(new URL("../bin/interlingua.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "interlingua-processes-"));
const warmup = 2;
const batchTokens = Number(values.tokens);

// batch sizes are those of one process
/** Tokens per second of one way to run it, and its first loss. */
function run(name, processes, threads) {
  const recipe = join(folder, `${name}.yaml`);
  const objectives = {
    contrastive: {
      layer: 4,
      pooling: "mean",
      temperature: 0.05,
      pairs_per_batch: batchTokens / 64 / processes,
      maximum_length: 64,
    },
    instruction: { weight: 1.5, maximum_length: 512, batch_tokens: batchTokens / processes },
  };
  const train = { objectives, max_steps: warmup + Number(values.steps), learning_rate: 1e-5, save_steps: 100000 };
  const data = {
    parallel: { path: resolve(values.data, "tatoeba"), languages: ["en", "de", "es", "fr", "ru"] },
    instructions: { path: resolve(values.data, "question-translation/snli") },
  };
  writeFileSync(recipe, stringify({ name, model: resolve(values.model), seed: 0, train, data }));
  const dtype = values.precision === "bf16" ? "bfloat16" : "float32";
  const args = [program, "align", recipe, "--runs", folder, "--dtype", dtype, "--threads", String(threads), "--quiet"];
  const done = spawnSync(process.execPath, processes > 1 ? [...args, "--processes", String(processes)] : args, {
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const steps = readFileSync(join(folder, name, "log.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const measured = steps.slice(warmup);
  // of all steps together, since micro-batches of other sizes hold other rows
  const total = (key) => measured.reduce((sum, step) => sum + step[key], 0);
  const [tokens, seconds] = [total("tokens"), total("seconds")];
  return { tokens_per_second: tokens / seconds, tokens, seconds, loss_first: steps[0].loss };
}

try {
  const [one, two] = [run("one", 1, 2), run("two", 2, 1)];
  const ratio = two.tokens_per_second / one.tokens_per_second;
  console.log(
    JSON.stringify({ name: `interlingua.processes.${values.precision}`, batch_tokens: batchTokens, one, two, ratio }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
