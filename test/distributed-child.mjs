// One process of several, for distributed.test.ts: `node distributed-child.mjs MODE JSON`. It tells what it found on stderr.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { padRows } from "../dist/data/token-batch.js";
import { loadModel } from "../dist/models/load.js";
import { contrastive } from "../dist/objectives/contrastive.js";
import { languageModel } from "../dist/objectives/language-model.js";
import { joinProcesses } from "../dist/recipe/membership.js";
import { memory, ops, tensor } from "../dist/tensor/index.js";
import { adamW } from "../dist/train/optimizer.js";
import { train } from "../dist/train/trainer.js";

const tell = (value) => process.stderr.write(`${JSON.stringify(value)}\n`);
const floats = (one) => [...one.toFloats()];

/** Every collective once, on tensors that hold the rank. */
function collectives(ranks) {
  const { rank, size } = ranks;
  const own = () => tensor([rank, 10 + rank]);
  const [all, roots, sent] = [own(), Array.from({ length: size }, own), Array.from({ length: size }, own)];
  ranks.allReduceSum(all);
  const each = roots.map((_, root) => root);
  ranks.reduceSum(roots, each);
  ranks.broadcast(sent, each);
  const passed = own();
  if (rank === 0) ranks.send(passed, size - 1);
  if (rank === size - 1) ranks.receive(passed, 0);
  ranks.barrier();
  tell({
    rank,
    all: floats(all),
    reduced: floats(roots[rank]),
    sent: sent.map(floats),
    gathered: ranks.allGather(tensor([[rank]], { dtype: "int64" })).map((one) => Number(one.toArray()[0])),
    passed: floats(passed),
    values: ranks.exchange({ rank, nan: Number.NaN }).map(({ nan, ...value }) => ({ ...value, nan: String(nan) })),
    long: ranks.exchange("é".repeat(4000 * rank)).map((text) => text.length),
  });
}

/** Tensors of every length about a piece of the shared memory, and of a type that goes in messages, to and from every rank. */
function lengths(ranks, { sizes }) {
  const { rank, size } = ranks;
  const roots = sizes.map((_, i) => i % size);
  const own = (dtype) => sizes.map((count, i) => ops.add(ops.arange(count, dtype), ops.full([count], rank + i, dtype)));
  // digests, since a wrong number anywhere must show
  const digest = (one) => createHash("sha256").update(one.toArray()).digest("hex");
  const found = {};
  for (const dtype of ["float32", "float64"]) {
    const [summed, sent] = [own(dtype), own(dtype)];
    ranks.reduceSum(summed, roots);
    ranks.broadcast(sent, roots);
    found[dtype] = { summed: summed.map((one, i) => (roots[i] === rank ? digest(one) : null)), sent: sent.map(digest) };
  }
  const files = existsSync("/dev/shm") ? readdirSync("/dev/shm") : [];
  const maps = existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8") : "";
  const mapped = maps.split("\n").filter((line) => line.includes("/dev/shm/interlingua-")).length;
  tell({ rank, ...found, mapped, left: files.filter((name) => name.startsWith(`interlingua-${process.pid}-`)) });
}

/** The last rank stays away from a step. */
function silent(ranks) {
  ranks.phase("step 3, gradients");
  if (ranks.rank === ranks.size - 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
  ranks.allReduceSum(tensor([1]));
}

/** How many of the tensors that AdamW keeps are on this rank, and what of them reaches rank 0. */
function moments(ranks, { sizes, shares }) {
  const parameters = sizes.map((size, i) => [`p${i}`, ops.full([size], ranks.rank)]);
  const before = memory().handles;
  const optimizer = adamW(
    parameters,
    { adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8, weight_decay: 0, max_grad_norm: 1 },
    ranks,
  );
  const kept = (memory().handles - before - shares) / 3; // besides a view of every share
  for (const [, parameter] of parameters) parameter.grad = ops.full(parameter.shape, ranks.rank + 1);
  optimizer.step(0);
  const state = optimizer.state();
  const averages = sizes.map((_, i) => state.get(`p${i}.exp_avg`)).filter((one) => one !== undefined);
  tell({
    rank: ranks.rank,
    kept,
    averages: averages.flatMap((one) => [floats(one)[0], floats(one).at(-1)]),
    weights: parameters.flatMap(([, one]) => [floats(one)[0], floats(one).at(-1)]),
  });
}

const ids = (length, ...counters) =>
  Int32Array.from({ length }, (_, t) =>
    t === 0 ? 2 : 4 + ((counters.reduce((a, c, i) => a + c * (7 + 4 * i), 0) * 13 + t * t * 5 + 3 * t) % 40),
  );

/** Objectives whose batches are of ragged size, a pure function of the position; `pairs` are instead of our own. */
function objectives({ negatives, weights, pairs, layer = 1, direction = "symmetric" }) {
  const ours = (position) =>
    Array.from({ length: 3 + (position % 2) }, (_, i) => ({
      left: ids(5 + ((i + position) % 3), position, i, 0),
      right: ids(7 - (i % 3), position, i, 1),
    }));
  const given = (position) =>
    pairs[position].map(([left, right]) => ({ left: Int32Array.from(left), right: Int32Array.from(right) }));
  const rows = (position) => {
    const all = Array.from({ length: 3 }, (_, i) => ids(6 + ((position + 2 * i) % 5), position, i, 2));
    return padRows(
      all,
      1,
      all.map((row) => row.map((id, t) => (t < 3 + (position % 2) ? -100 : id))),
    );
  };
  const settings = {
    weight: weights[0],
    layer,
    pooling: "mean",
    temperature: 0.05,
    direction,
    pairs_per_batch: 4,
    negatives,
    mask_duplicates: pairs === undefined,
    maximum_length: 64,
  };
  const built = [];
  if (weights[0] > 0)
    built.push(contrastive(settings, { padId: 1, microBatches: 8, batch: pairs === undefined ? ours : given }));
  if (weights[1] > 0)
    built.push(languageModel("instruction", { weight: weights[1] }, { microBatches: 8, batch: rows }));
  return built;
}

/** An allocator that refuses once, on the last rank, in the middle of step 2. */
function stingy(all, ranks) {
  let refused = false;
  return all.map((objective, i) => ({
    ...objective,
    work(positions, pieces) {
      if (i === all.length - 1 && ranks.rank === ranks.size - 1 && positions[0] > 0 && !refused) {
        refused = true;
        throw new Error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 123 bytes");
      }
      return objective.work(positions, pieces);
    },
  }));
}

async function trainSome(ranks, { folder, settings, dropout = false, outOfMemory = false, ...data }) {
  const model = await loadModel(folder, { device: "cpu", copy: true, dropout });
  model.trainable("all");
  const built = objectives(data);
  const records = [];
  const notices = [];
  for await (const { seconds, tokens_per_second, ...record } of train({
    model,
    objectives: outOfMemory ? stingy(built, ranks) : built,
    settings,
    seed: 3,
    compute: "float32",
    ranks,
    notice: (text) => notices.push(text),
  }))
    records.push(record);
  const weights = Object.fromEntries(model.parameters().map(([name, p]) => [name, floats(p)]));
  tell({ rank: ranks.rank, records, notices, weights });
}

const modes = { collectives, lengths, silent, moments, train: trainSome };
const [mode, given = "{}"] = process.argv.slice(2);
try {
  const ranks = joinProcesses("cpu");
  await modes[mode](ranks, JSON.parse(given));
  ranks.leave();
} catch (error) {
  tell({ error: error.message });
  process.exitCode = 1;
}
