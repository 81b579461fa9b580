import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { startProcesses } from "../src/recipe/processes.ts";
import { readLines } from "../src/run/lines.ts";
import type { StepRecord } from "../src/run/records.ts";
import { collectivesMissing, openSafetensors } from "../src/tensor/index.ts";
import { rounds } from "../src/tensor/shared-memory.ts";
import { sharesOf } from "../src/train/distributed.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { needs, shared } from "./material.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";
import { tinyFolder, tinySettings } from "./tiny.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Told<T> {
  code: number;
  /** what the processes told, by rank */
  told: T[];
  lines: string[];
}

/** Digests of what a rank has, by type; its files in shared memory: how many it has mapped, which are left. */
type Lengths = Record<"float32" | "float64", { summed: (string | null)[]; sent: string[] }> & {
  mapped: number;
  left: string[];
};

/** Runs a mode of distributed-child.mjs in `count` processes. */
async function inProcesses<T>(count: number, mode: string, given: object = {}): Promise<Told<T>> {
  const lines: string[] = [];
  const command = [join(root, "test/distributed-child.mjs"), mode, JSON.stringify(given)];
  const code = await startProcesses({ count, command, line: (text) => lines.push(text) });
  const told: T[] = [];
  for (const line of lines) {
    const [, rank, json] = line.match(/^\[(\d+)\] (\{.*\})$/) ?? [];
    if (json !== undefined) told[Number(rank)] = JSON.parse(json) as T;
  }
  return { code, told, lines };
}

beforeEach((context) => {
  const missing = collectivesMissing();
  if (missing !== undefined) context.skip(missing);
});

test.each([2, 3])("%i processes add up, gather, send and talk", async (size) => {
  const { code, told, lines } = await inProcesses<Record<string, unknown>>(size, "collectives");
  expect(code, lines.join("\n")).toBe(0);
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  const sum = ranks.reduce((a, b) => a + b);
  for (const rank of ranks)
    expect(told[rank]).toEqual({
      rank,
      all: [sum, 10 * size + sum],
      reduced: [sum, 10 * size + sum],
      sent: ranks.map((from) => [from, 10 + from]),
      gathered: ranks,
      passed: rank === size - 1 ? [0, 10] : [rank, 10 + rank],
      values: ranks.map((from) => ({ rank: from, nan: "NaN" })),
      long: ranks.map((from) => 4000 * from),
    });
});

/** By [round][root]: where a piece's parts come from. */
test("rounds: a piece of every root at a time, cut where it is full", () => {
  const part = (tensor: number, start: number, size: number) => ({ tensor, start, size });
  expect(rounds([3, 5, 2, 0], [0, 1, 0, 1], 2, 4)).toEqual([
    [[part(0, 0, 3), part(2, 0, 1)], [part(1, 0, 4)]],
    [[part(2, 1, 1)], [part(1, 4, 1)]],
  ]);
});

test.each([2, 3])("%i processes: tensors longer than the shared memory, shorter, and of another type", async (size) => {
  const sizes = [1, 5_000_000, 7, 1_048_577, 0, 2 ** 20, 3];
  const { code, told, lines } = await inProcesses<Lengths>(size, "lengths", { sizes });
  expect(code, lines.join("\n")).toBe(0);
  const digest = (numbers: ArrayBufferView) =>
    createHash("sha256").update(new Uint8Array(numbers.buffer)).digest("hex");
  const values = (kind: typeof Float32Array | typeof Float64Array, count: number, of: (k: number) => number) => {
    const numbers = new kind(count);
    for (let k = 0; k < count; k++) numbers[k] = of(k);
    return digest(numbers);
  };
  for (const [dtype, kind] of [["float32", Float32Array] as const, ["float64", Float64Array] as const])
    for (const [rank, one] of told.entries()) {
      const roots = sizes.map((_, i) => i % size);
      const sum = (size * (size - 1)) / 2;
      const summed = sizes.map((count, i) =>
        roots[i] === rank ? values(kind, count, (k) => size * (k + i) + sum) : null,
      );
      expect(one[dtype].summed, `${dtype}, rank ${rank}`).toEqual(summed);
      expect(one[dtype].sent).toEqual(sizes.map((count, i) => values(kind, count, (k) => k + roots[i]! + i)));
    }
  expect(told.map(({ left }) => left)).toEqual(told.map(() => []));
  const free = existsSync("/dev/shm") ? statfsSync("/dev/shm") : { bavail: 0, bsize: 0 };
  if (free.bavail * free.bsize > 2 ** 28) expect(told.map(({ mapped }) => mapped)).toEqual(told.map(() => size));
});

test("a process that does not come: the others name the phase, themselves and it within the time", async () => {
  process.env.INTERLINGUA_TIMEOUT = "1";
  try {
    const { code, told, lines } = await inProcesses<{ error: string }>(3, "silent");
    expect(code).toBe(1);
    for (const rank of [0, 1])
      expect(told[rank]!.error, lines.join("\n")).toMatch(
        new RegExp(`^step 3, gradients: rank ${rank} (waited 1 s for|lost) rank 2 \\(`),
      );
  } finally {
    delete process.env.INTERLINGUA_TIMEOUT;
  }
});

describe("moments are kept once (ZeRO-1)", () => {
  test("equal parts of all numbers; every number is in one share", () => {
    for (const [sizes, ranks] of [
      [[65_536_000, 512, 1_048_576, 2048, 1], 2],
      [[1000, 3, 70, 40_000], 3],
      [[1, 1, 1], 4],
      [[7], 1],
    ] as const) {
      const shares = sharesOf(sizes, ranks);
      for (const [parameter, size] of sizes.entries()) {
        const own = shares.filter((share) => share.parameter === parameter);
        let at = 0;
        for (const share of own) {
          expect(share.start).toBe(at);
          expect(share.size).toBeGreaterThan(0);
          at += share.size;
        }
        expect(at).toBe(size);
      }
      const loads = Array.from({ length: ranks }, (_, rank) =>
        shares.reduce((load, { owner, size }) => load + (owner === rank ? size : 0), 0),
      );
      const all = sizes.reduce<number>((total, size) => total + size, 0);
      for (const load of loads) expect(load).toBeLessThan(all / ranks + 64 * sizes.length);
    }
    expect(sharesOf([200, 56], 2)).toEqual([
      { parameter: 0, start: 0, size: 128, owner: 0 },
      { parameter: 0, start: 128, size: 72, owner: 1 },
      { parameter: 1, start: 0, size: 56, owner: 1 },
    ]);
  });

  test("each rank keeps and updates its own, rank 0 gets all for the checkpoint", async () => {
    interface Kept {
      kept: number;
      averages: number[];
      weights: number[];
    }
    const { code, told, lines } = await inProcesses<Kept>(2, "moments", { sizes: [500, 10, 200, 90], shares: 5 });
    expect(code, lines.join("\n")).toBe(0);
    expect(told.map(({ kept }) => kept)).toEqual([1, 4]);
    // gradients 1 and 2 add up to 3, are clipped to norm 1 (800 numbers), and decay with β₁ = 0.9
    for (const average of told[0]!.averages) expect(average).toBeCloseTo((1 - 0.9) / Math.sqrt(800), 6);
    expect(told[0]!.averages).toHaveLength(8);
    expect(told[1]!.averages).toEqual([]);
    // each owner's own values, which here began different
    for (const { weights } of told) expect(weights).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });
});

interface Trained {
  records: StepRecord[];
  notices: string[];
  weights: Record<string, number[]>;
}

const base = { folder: tinyFolder, weights: [1, 1.5], negatives: "step" };

/** Losses and weights equal to rounding. A key bias has no gradient but rounding, which AdamW makes large. */
function expectEqual(ours: Trained, one: Trained): void {
  expect(ours.records).toHaveLength(one.records.length);
  for (const [i, record] of ours.records.entries()) {
    const other = one.records[i]!;
    expect(record.tokens).toBe(other.tokens);
    expect(record.loss / other.loss).toBeCloseTo(1, 5);
    expect(record.grad_norm / other.grad_norm).toBeCloseTo(1, 4);
    for (const [objective, metrics] of Object.entries(record.metrics)) {
      expect(Object.keys(metrics)).toEqual(Object.keys(other.metrics[objective]!));
      for (const [name, value] of Object.entries(metrics))
        expect(value, `${objective} ${name}`).toBeCloseTo(other.metrics[objective]![name]!, 4);
    }
  }
  for (const [name, weights] of Object.entries(one.weights)) {
    if (name.endsWith("k_proj.bias")) continue;
    const worst = weights.reduce((most, w, i) => Math.max(most, Math.abs(w - ours.weights[name]![i]!)), 0);
    expect(worst, name).toBeLessThan(2e-5); // of weights that moved by 6 steps of up to 1e-3
  }
}

describe("two processes are one with twice the micro-batches", () => {
  const settings = (more: object) => ({ ...tinySettings, save_steps: 100, ...more });

  test.each([
    ["joint losses, negatives of both processes", base, {}],
    [
      "negatives of the micro-batch, clipped, two micro-batches each",
      { ...base, negatives: "micro_batch" },
      { gradient_accumulation_steps: 2, max_grad_norm: 0.1 },
    ],
    [
      "dropout and activation checkpointing",
      { ...base, dropout: true },
      { gradient_checkpointing: true, dropout: true, gradient_accumulation_steps: 2 },
    ],
    ["one objective after the other, weight decay", base, { order: "alternating", weight_decay: 0.1 }],
    ["the contrastive loss alone, blocks above it untouched", { ...base, weights: [1, 0] }, {}],
  ] as const)("%s", async (_, data, more) => {
    const accumulation = (more as { gradient_accumulation_steps?: number }).gradient_accumulation_steps ?? 1;
    const two = await inProcesses<Trained>(2, "train", { ...data, settings: settings(more) });
    const one = await inProcesses<Trained>(1, "train", {
      ...data,
      settings: settings({ ...more, gradient_accumulation_steps: 2 * accumulation }),
    });
    expect([two.code, one.code], [...two.lines, ...one.lines].join("\n").slice(0, 2000)).toEqual([0, 0]);
    expectEqual(two.told[0]!, one.told[0]!);
    expect(two.told[1]!.weights).toEqual(two.told[0]!.weights);
    expect(two.told[1]!.records).toEqual(two.told[0]!.records);
    const first = one.told[0]!.records[0]!.metrics.contrastive!;
    // positions 0 and 1 have 3 and 4 pairs
    if (data.negatives === "step" && accumulation === 1) expect(first).toMatchObject({ pairs: 7, negatives: 6 });
  });

  test("gradient norms of each objective, and their cosine", async () => {
    const given = { ...base, settings: settings({ max_steps: 1, log_gradients_steps: 1 }) };
    const two = await inProcesses<Trained>(2, "train", given);
    const more = settings({ max_steps: 1, log_gradients_steps: 1, gradient_accumulation_steps: 2 });
    const one = await inProcesses<Trained>(1, "train", { ...base, settings: more });
    const [ours, other] = [two.told[0]!.records[0]!.gradients!, one.told[0]!.records[0]!.gradients!];
    for (const name of ["contrastive", "instruction"]) expect(ours.norms[name]! / other.norms[name]!).toBeCloseTo(1, 4);
    expect(ours.cosines["contrastive ~ instruction"]).toBeCloseTo(other.cosines["contrastive ~ instruction"]!, 4);
  });

  test("out of memory on one of them: both run the step again in pieces", async () => {
    const scarce = await inProcesses<Trained>(2, "train", { ...base, outOfMemory: true, settings: settings({}) });
    const ample = await inProcesses<Trained>(2, "train", { ...base, settings: settings({}) });
    expect(scarce.code, scarce.lines.join("\n").slice(0, 2000)).toBe(0);
    const notice = "step 2: out of memory; micro-batches now run in 2 pieces, the batch stays as large";
    expect(scarce.told.map(({ notices }) => notices)).toEqual([[notice], [notice]]);
    expectEqual(scarce.told[0]!, ample.told[0]!);
  });

  test("the official two-process loss, with the whole of the gradient: the official code's is half of it", async (context) => {
    const folder = "reference/papers/afp";
    needs(context, `${folder}/distributed.json`, `${folder}/losses.safetensors`, "reference/harness/model");
    const official = JSON.parse(readFileSync(shared(`${folder}/distributed.json`), "utf8")) as Record<string, number>;
    const file = openSafetensors(shared(`${folder}/losses.safetensors`));
    const [flat, mask] = [file.get("input_ids").toArray(), file.get("attention_mask").toArray()];
    const side = (row: number) =>
      [...flat.slice(16 * row, 16 * row + 16)].map(Number).filter((_, t) => Number(mask[16 * row + t]) === 1);
    const pair = (i: number) => [side(2 * i), side(2 * i + 1)];
    const two = await inProcesses<Trained>(2, "train", {
      folder: shared("reference/harness/model"),
      weights: [1, 0],
      negatives: "step",
      direction: "one",
      pairs: [
        [pair(0), pair(1)],
        [pair(2), pair(3)],
      ],
      settings: settings({ max_steps: 1, max_grad_norm: null }),
    });
    expect(two.code, two.lines.join("\n").slice(0, 2000)).toBe(0);
    const [record] = two.told[0]!.records;
    expect(Math.abs(record!.loss - official.single_process_loss!)).toBeLessThan(1e-4);
    expect(Math.abs(record!.grad_norm / official.single_process_gradient_l2! - 1)).toBeLessThan(1e-3);
    expect(Math.abs(record!.grad_norm / (2 * official.rank_averaged_gradient_l2!) - 1)).toBeLessThan(1e-3);
  });
});

describe("align --processes", () => {
  const steps = 8;

  /** The small study, its model made, in a folder; `align(runs, …)` runs the training stage there. */
  function smallStudy() {
    const folder = folderWith({ ...pretrainFiles({ steps: 2, save: 2 }), ...studyFiles() });
    const env = { INTERLINGUA_DATA: join(folder, "data") };
    const made = interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder });
    expect(made, made.err).toMatchObject({ code: 0 });
    const words = (runs: string, more: readonly string[]) => ["align", "study.yaml", "--runs", runs, ...more];
    return {
      folder,
      align: (runs: string, ...more: string[]) => interlingua(words(runs, more), { cwd: folder, env }),
      begin: (runs: string, ...more: string[]) =>
        spawn(process.execPath, [join(root, "bin/interlingua.js"), ...words(runs, more)], {
          cwd: folder,
          env: { ...process.env, ...env },
          stdio: ["ignore", "ignore", "pipe"],
        }),
      run: (runs: string) => join(folder, runs, "small-lora"),
    };
  }

  const checkpoint = (run: string, step: number) => join(run, `checkpoints/step-${String(step).padStart(6, "0")}`);
  const losses = (run: string) =>
    readLines<StepRecord>(join(run, "log.jsonl")).map(({ step, loss }) => ({ step, loss }));

  /** Largest difference of two files' tensors, which must have the same names. */
  function difference(a: string, b: string): number {
    const [x, y] = [openSafetensors(a), openSafetensors(b)];
    expect([...x.entries.keys()]).toEqual([...y.entries.keys()]);
    const worst = [...x.entries.keys()].map((name) => {
      const other = y.get(name).toFloats();
      return x
        .get(name)
        .toFloats()
        .reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
    });
    return Math.max(...worst);
  }

  /** Takes back what a run did after its checkpoint of `step`, as if it had been killed there. */
  function cutTo(run: string, step: number): void {
    for (const name of readdirSync(join(run, "checkpoints")))
      if (name > `step-${String(step).padStart(6, "0")}`) rmSync(join(run, "checkpoints", name), { recursive: true });
    rmSync(join(run, "adapter"), { recursive: true });
  }

  test("equals one process, and is resumed by one, two or three", { timeout: 240_000 }, () => {
    const { align, run } = smallStudy();
    const saving = ["--set", "train.save_steps=4", "--set", "train.save_total_limit=9"];
    const two = align("two", ...saving, "--processes", "2");
    expect(two, two.err).toMatchObject({ code: 0, out: "two/small-lora/adapter\n" });
    expect(
      two.err
        .trim()
        .split("\n")
        .every((line) => line.startsWith("[0] ")),
      two.err,
    ).toBe(true);
    const one = align("one", ...saving, "--set", "train.gradient_accumulation_steps=2");
    expect(one, one.err).toMatchObject({ code: 0 });
    const adapters = (a: string, b: string) =>
      difference(join(run(a), "adapter/adapter_model.safetensors"), join(run(b), "adapter/adapter_model.safetensors"));
    expect(adapters("two", "one")).toBeLessThan(1e-5);
    for (const file of ["weights", "optimizer"])
      expect(
        difference(
          join(checkpoint(run("two"), 8), `${file}.safetensors`),
          join(checkpoint(run("one"), 8), `${file}.safetensors`),
        ),
      ).toBeLessThan(1e-5);
    const figures = losses(run("two"));
    for (const [i, { step, loss }] of losses(run("one")).entries()) {
      expect(step).toBe(figures[i]!.step);
      expect(loss / figures[i]!.loss).toBeCloseTo(1, 5);
    }
    // the run's step keeps its size, whatever processes continue it
    for (const [from, processes, bits] of [
      ["two", "2", true],
      ["two", "1", false],
      ["two", "3", false],
      ["one", "2", false],
    ] as const) {
      const runs = `${from}-${processes}`;
      cpSync(run(from), run(runs), { recursive: true });
      cutTo(run(runs), 4);
      const accumulation = from === "one" ? ["--set", "train.gradient_accumulation_steps=2"] : [];
      const resumed = align(runs, ...saving, ...accumulation, "--resume", "--processes", processes);
      expect(resumed, resumed.err).toMatchObject({ code: 0 });
      expect(adapters(runs, from), runs).toBeLessThan(bits ? 1e-30 : 1e-5);
      expect(losses(run(runs))).toHaveLength(steps);
      const other = from === "two" ? processes !== "2" : true;
      expect(resumed.err.includes("so bits may differ: processes was"), resumed.err).toBe(other);
    }
  });

  /** Waits until the run has logged so many steps. */
  async function logged(run: string, count: number): Promise<void> {
    while (!existsSync(join(run, "log.jsonl")) || losses(run).length < count) await wait(5);
  }

  /** The process of a rank below the one that started it. */
  function rankOf(launcher: number, rank: number): number {
    const children = readFileSync(`/proc/${launcher}/task/${launcher}/children`, "utf8").trim().split(" ").map(Number);
    return children.find((pid) => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`RANK=${rank}`))!;
  }

  const many = ["--set", "train.max_steps=400", "--set", "train.save_steps=2", "--processes", "2"];

  test.each([0, 1])("kill −9 of rank %i ends all, named with its phase; one process goes on", async (rank) => {
    const { begin, run } = smallStudy();
    const child = begin("killed", ...many);
    const errors: string[] = [];
    child.stderr!.on("data", (text) => errors.push(String(text)));
    const exited = once(child, "exit");
    await logged(run("killed"), 5);
    process.kill(rankOf(child.pid!, rank), "SIGKILL");
    expect((await exited)[0]).toBe(1);
    const text = errors.join("");
    expect(text).toMatch(new RegExp(`error: rank ${rank} was killed by SIGKILL \\(step \\d+, `));
    expect(text).toMatch(new RegExp(`\\[${1 - rank}\\] error: step \\d+, .*: rank ${1 - rank} lost rank ${rank} `));
    expect(text).not.toMatch(/frame #|Exception raised/);
    const saved = readdirSync(join(run("killed"), "checkpoints"));
    expect(saved.length).toBeGreaterThan(0);
    const last = Number(saved.at(-1)!.slice("step-".length));
    const resumed = begin("killed", ...many.slice(0, -2), "--resume");
    const ended = once(resumed, "exit");
    await logged(run("killed"), last + 3);
    resumed.kill("SIGTERM");
    expect((await ended)[0]).toBe(143);
    const seen = losses(run("killed")).map(({ step }) => step);
    expect(seen).toEqual(seen.map((_, i) => i + 1));
  });

  test("SIGTERM and Ctrl-C end all after a step, saved, with 143 and 130", async () => {
    const { begin, run } = smallStudy();
    for (const [signal, code, at] of [
      ["SIGTERM", 143, 3],
      ["SIGINT", 130, 6],
    ] as const) {
      const child = begin("stopped", ...many, ...(signal === "SIGINT" ? ["--resume"] : []));
      const exited = once(child, "exit");
      await logged(run("stopped"), at);
      child.kill(signal);
      expect((await exited)[0]).toBe(code);
      const last = losses(run("stopped")).at(-1)!.step;
      expect(existsSync(join(checkpoint(run("stopped"), last), "state.json"))).toBe(true);
    }
  });

  test("the processes save and end when the one that started them is killed", async () => {
    const { begin, run } = smallStudy();
    const child = begin("orphaned", ...many, "--set", "train.save_steps=1000");
    await logged(run("orphaned"), 3);
    const ranks = [0, 1].map((rank) => rankOf(child.pid!, rank));
    child.kill("SIGKILL");
    const alive = (pid: number) => existsSync(`/proc/${pid}`);
    while (ranks.some(alive)) await wait(20);
    const last = losses(run("orphaned")).at(-1)!.step;
    expect(existsSync(join(checkpoint(run("orphaned"), last), "state.json"))).toBe(true);
  });

  test("a mistake is told once, with exit code 2", () => {
    const { align } = smallStudy();
    const unknown = align("runs", "--processes", "2", "--set", "train.max_step=3");
    expect([unknown.code, unknown.err.match(/error:/g)?.length], unknown.err).toEqual([2, 1]);
    // rank 0 finds this one, and the others are let go
    expect(align("twice").code).toBe(0);
    const existing = align("twice", "--processes", "2");
    expect([existing.code, existing.err.match(/error:/g)?.length], existing.err).toEqual([2, 1]);
    expect(existing.err).toContain("[0] error: ");
  });
});

test("without collectives, --processes says what to install", () => {
  const folder = folderWith(pretrainFiles({ steps: 2, save: 2 }));
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const record = JSON.parse(readFileSync(join(root, "build/addon.json"), "utf8")) as object;
  mkdirSync(join(folder, "build"));
  const without = { ...record, collectives: { backends: [], problem: "the headers of Gloo were not found" } };
  writeFileSync(join(folder, "build/addon.json"), JSON.stringify(without));
  const command = [join(folder, "bin/interlingua.js"), "align", "recipe.yaml", "--processes", "2"];
  const done = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
  expect(done.status).toBe(2);
  expect(done.stderr).toBe(
    "error: --processes 2: several processes need collectives, which set-up did not build: the headers of Gloo were not found. Install Gloo's headers (on Debian: apt-get install libgloo-dev) and run `npm run setup`.\n",
  );
});
