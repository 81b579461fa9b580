// Mutates small model folders and loads each, in a process of its own: one line on stdout before a case and one after.
//   node test/fuzz-child.mjs SEED FIRST COUNT FOLDER
//     → "begin 17 header", then "end 17 <processor ms> <peak MB> refused <error>" or "… loaded"
// A case depends on its seed and number only, so `FIRST 1` repeats it; its files stay in FOLDER.
import { readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "../dist/models/load.js";
import { integer } from "../dist/stats/random.js";
import { noGrad, scope, setThreads, tensor } from "../dist/tensor/index.js";

const [seed, first, count] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5];
const goldens = fileURLToPath(new URL("goldens/models/", import.meta.url));
const models = readdirSync(goldens).map((name) => ({
  config: readFileSync(join(goldens, name, "config.json"), "utf8"),
  weights: readFileSync(join(goldens, name, "model.safetensors")),
}));

/** A source of whole numbers below a limit, its own for every case. */
function dice(number) {
  let throws = 0;
  return (below) => integer(below, seed, number, throws++);
}

const odd = [
  ...[0, 1, -1, 2, 3, 0.5, 7, 16, 17, 255, 65536, -2147483648, 2147483648, 4294967296, 2 ** 53, 2 ** 53 - 1, 2 ** 62],
  ...[1e9, 1e12, 1e18, 1e300, -1e300, 5e-324, true, false, null, "", "0", "32", "NaN", "silu", "gelu_new", "linear"],
  ...["../x", "model.safetensors", "\0", "é\u202e", "x".repeat(5000), [], {}, [[]], [0, 4], [4, 0], [-1], [1e9, 1e9]],
  ...[{ a: { b: {} } }, { rope_type: "yarn", factor: 4 }, { rope_type: "dynamic" }, { type: "linear", factor: 1e300 }],
  ...["F64", "F16", "BF16", "I64", "I8", "U8", "BOOL", "F8_E4M3", "full_attention", "llama", "gpt2", "__proto__"],
];

const pick = (roll, list) => list[roll(list.length)];

/** Changes, adds or removes something at a random place of a JSON value. */
function mutateJson(roll, root) {
  let [node, depth] = [root, 0];
  for (;;) {
    const keys = Object.keys(node);
    const key = keys.length === 0 ? "x" : pick(roll, keys);
    const inner = node[key];
    if (typeof inner === "object" && inner !== null && depth++ < 4 && roll(5) > 0) {
      node = inner;
      continue;
    }
    const other = keys.length === 0 ? key : pick(roll, keys);
    const way = roll(7);
    if (way === 0) delete node[key];
    else if (way === 1) [node[key], node[other]] = [node[other], inner];
    else if (way === 2) node[pick(roll, [`${key}x`, "__proto__", "constructor", "", "rope_scaling"])] = inner;
    else if (way === 3 && typeof inner === "number") node[key] = inner + pick(roll, [-1, 1, 4, 8, -8, 1e6, 0.5]);
    else if (way === 4 && typeof inner === "number") node[key] = inner * pick(roll, [-1, 2, 0, 1e3, 1e9, 0.5]);
    else node[key] = pick(roll, odd);
    return;
  }
}

/** Flips, overwrites, inserts, removes or repeats bytes within the first `reach`. */
function mutateBytes(roll, bytes, reach) {
  const at = roll(Math.min(reach, bytes.length));
  const length = 1 + roll(pick(roll, [1, 4, 64]));
  const noise = Buffer.from(Array.from({ length }, () => pick(roll, [roll(256), 0x22, 0x7b, 0x5b, 0x2c, 0x39, 0xff])));
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (roll(6)) {
    case 0:
      return Buffer.concat([before, noise, behind]);
    case 1:
      return Buffer.concat([before, behind.subarray(length)]);
    case 2:
      return Buffer.concat([before, behind.subarray(0, length), behind]);
    case 3:
      return before;
    default:
      return Buffer.concat([before, noise, behind.subarray(length)]);
  }
}

function assemble(text, data, claimed) {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

const lengths = [0n, 1n, 7n, 100_000_000n, 100_000_001n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

function mutateWeights(roll, file) {
  const end = 8 + Number(file.readBigUInt64LE());
  const [text, data] = [file.subarray(8, end), file.subarray(end)];
  const way = roll(8);
  if (way < 3) return mutateBytes(roll, file, way === 0 ? file.length : end);
  if (way === 3) return assemble(text, data, pick(roll, lengths));
  if (way === 4) return assemble(mutateBytes(roll, text, text.length), data);
  const header = JSON.parse(text.toString());
  for (let times = 1 + roll(2); times > 0; times--) mutateJson(roll, header);
  return assemble(Buffer.from(JSON.stringify(header)), data);
}

function mutateConfig(roll, text) {
  if (roll(6) === 0) return mutateBytes(roll, Buffer.from(text), text.length);
  const config = JSON.parse(text);
  for (let times = 1 + roll(3); times > 0; times--) mutateJson(roll, config);
  return Buffer.from(JSON.stringify(config));
}

/** Writes the folder of a case; returns what was mutated in it. */
function write(number) {
  const roll = dice(number);
  const { config, weights } = pick(roll, models);
  const inConfig = roll(2) === 0;
  writeFileSync(join(folder, "config.json"), inConfig ? mutateConfig(roll, config) : config);
  writeFileSync(join(folder, "model.safetensors"), inConfig ? weights : mutateWeights(roll, weights));
  return inConfig ? "config" : "header";
}

async function attempt() {
  const model = await loadModel(folder, { device: "cpu" });
  noGrad(() =>
    scope(() => {
      const ids = tensor([[1, 0, 1, 0]], { dtype: "int64" });
      for (const h of model.layers({ ids })) if (h.shape.length !== 3) throw new Error("a state is not [B T D]");
    }),
  );
  model.dispose();
  return "loaded";
}

const say = (line) => writeSync(1, `${line.replaceAll(/[\r\n]+/g, " ")}\n`);
setThreads(1);
for (let number = first; number < first + count; number++) {
  const part = write(number);
  say(`begin ${number} ${part}`);
  const before = process.cpuUsage();
  const outcome = await attempt().catch((error) =>
    error instanceof Error && error.message !== "" ? `refused ${error.name}: ${error.message}` : "threw no error",
  );
  const { user, system } = process.cpuUsage(before);
  const [milliseconds, peak] = [(user + system) / 1000, process.resourceUsage().maxRSS / 1024].map(Math.round);
  say(`end ${number} ${milliseconds} ${peak} ${outcome}`);
}
