// Races a benchmark of ours against the peer's script: alternating runs in one sitting, medians, and their ratio.
//   node bench/race.mjs op-overhead|afp-step|lora-sft|generate|embed|fewshot-eval|tokenise --peers DIR --python PYTHON [--model FOLDER] [--data DIR] [--rounds 3] [-- extra arguments]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./material.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const races = {
  "op-overhead": {
    peer: "op_overhead.py",
    ours: "op-overhead.mjs",
    inputs: false,
    lessIsBetter: ["add_4x4_no_grad", "mlp3_forward_backward", "mlp3_forward_no_grad", "linear_8x64_no_grad"],
  },
  "afp-step": {
    peer: "afp_step.py",
    ours: "afp-step.mjs",
    inputs: true,
    moreIsBetter: ["value"],
    lessIsBetter: ["peak_rss_mb"],
    equal: ["loss_first"],
  },
  "lora-sft": {
    peer: "lora_sft.py",
    ours: "lora-sft.mjs",
    inputs: true,
    moreIsBetter: ["value"],
    lessIsBetter: ["peak_rss_mb"],
    equal: ["loss_first"],
  },
  "fewshot-eval": {
    peer: "fewshot_eval.py",
    ours: "fewshot-eval.mjs",
    inputs: true,
    moreIsBetter: ["value"],
    lessIsBetter: ["peak_rss_mb"],
  },
  generate: {
    peer: "generate.py",
    ours: "generate.mjs",
    inputs: true,
    moreIsBetter: ["value"],
    lessIsBetter: ["prefill_seconds", "per_step_ms", "peak_rss_mb"],
    equal: ["output_hash", "output_first"],
  },
  embed: {
    peer: "embed.py",
    ours: "embed.mjs",
    inputs: true,
    moreIsBetter: ["value"],
    lessIsBetter: ["peak_rss_mb"],
    equal: ["sample", "norm_mean"],
  },
  tokenise: {
    peer: "tokenise.py",
    ours: "tokenise.mjs",
    inputs: true,
    moreIsBetter: ["value", "batch_one_thread", "batch_all_threads", "decode_mb_s"],
    lessIsBetter: ["peak_rss_mb"],
    equal: ["ids_sha256", "tokens"],
  },
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: "string" },
    python: { type: "string", default: "python3" },
    model: { type: "string" },
    data: { type: "string" },
    rounds: { type: "string", default: "3" },
  },
});
const [name, ...extra] = positionals;
const race = races[name];
if (race === undefined || values.peers === undefined) {
  console.error(`usage: node bench/race.mjs ${Object.keys(races).join("|")} --peers DIR …`);
  process.exit(2);
}
const inputs = race.inputs ? ["--model", values.model, "--data", values.data] : [];

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}\n${done.stderr}`);
  return JSON.parse(done.stdout.trim().split("\n").at(-1));
}

const results = { peer: [], ours: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  results.peer.push(run(values.python, [race.peer, ...inputs, ...extra], values.peers));
  results.ours.push(run(process.execPath, [join(here, race.ours), ...inputs, ...extra], process.cwd()));
}
const figure = (side, key) => median(results[side].map((line) => line[key]));
const rows = [
  ...(race.moreIsBetter ?? []).map((key) => [
    key,
    figure("peer", key),
    figure("ours", key),
    figure("ours", key) / figure("peer", key),
    "ours / peer, more is better",
  ]),
  ...(race.lessIsBetter ?? []).map((key) => [
    key,
    figure("peer", key),
    figure("ours", key),
    figure("ours", key) / figure("peer", key),
    "ours / peer, less is better",
  ]),
];
for (const [key, peer, ours, ratio, meaning] of rows)
  console.log(
    `${key.padEnd(24)} peer ${peer.toFixed(3).padStart(10)}  ours ${ours.toFixed(3).padStart(10)}  ratio ${ratio.toFixed(2)} (${meaning})`,
  );
for (const key of race.equal ?? [])
  console.log(
    `${key.padEnd(24)} peer ${JSON.stringify(results.peer[0][key])}  ours ${JSON.stringify(results.ours[0][key])}`,
  );
