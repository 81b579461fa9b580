import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import type { StepRecord } from "../src/run/records.ts";
import { uniform } from "../src/stats/random.ts";
import { completeCheckpoints } from "../src/train/checkpoint.ts";
import type { TrainerState } from "../src/train/trainer-state.ts";
import { interlingua, type Outcome, start } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles } from "./small-study.ts";

const steps = 80;
const verb = (runs: string, ...more: string[]) => [
  ...["pretrain", "recipe.yaml", "--runs", runs],
  ...["--set", "train.objectives.text.batch_tokens=128", "--set", "train.gradient_checkpointing=false"],
  ...["--set", "train.development={eval_steps: 8, validation_share: 0.05}", ...more],
];
const at = (folder: string, runs: string) => runFolder(join(folder, runs, "small"));
const files = () => pretrainFiles({ steps, save: 4 });

/** Everything that a run leaves and that is no measure of time. */
function left(folder: string, runs: string) {
  const { model, log, development, trainerState } = at(folder, runs);
  const weights = readFileSync(join(model, "model.safetensors"));
  return {
    weights: createHash("sha256").update(weights).digest("hex"),
    log: readLines<StepRecord>(log).map(({ seconds: _, tokens_per_second: __, ...figures }) => figures),
    development: readFileSync(development, "utf8"),
    state: readJson<TrainerState>(trainerState).log_history,
  };
}

interface Straight {
  left: ReturnType<typeof left>;
  /** milliseconds until the first step was logged, and of a step */
  beginning: number;
  step: number;
}

let known: Straight | undefined;

/** The run that nothing disturbs. */
async function undisturbed(): Promise<Straight> {
  if (known !== undefined) return known;
  const folder = folderWith(files());
  const began = performance.now();
  const child = start(verb("straight"), { cwd: folder });
  const exited = once(child, "exit");
  while (child.exitCode === null && readLines(at(folder, "straight").log).length === 0) await wait(2);
  const beginning = performance.now() - began;
  expect((await exited)[0]).toBe(0);
  const step = (performance.now() - began - beginning) / steps;
  known = { left: left(folder, "straight"), beginning, step };
  return known;
}

/** Waits for a moment of a run: by the clock from its start, or by the clock from its first new step. */
async function untilMoment(folder: string, running: () => boolean, moment: number): Promise<void> {
  const { beginning, step } = await undisturbed();
  const { log, checkpoints } = at(folder, "killed");
  const [kind, share] = [uniform(50, moment, 0), uniform(50, moment, 1)];
  if (kind < 0.5) return void (await wait(share * beginning));
  const from = completeCheckpoints(checkpoints).at(-1) ?? 0;
  const grown = () => (readLines<StepRecord>(log).at(-1)?.step ?? 0) !== from;
  // a log that is longer than the checkpoint is cut when the run resumes
  await wait(0.5 * beginning);
  while (running() && !grown()) await wait(2);
  await wait(share * 8 * step);
}

test("killed with −9 at 50 random moments and resumed, a run loses nothing: weights and logs are an undisturbed run's", async () => {
  const straight = await undisturbed();
  let kills = 0;
  for (let attempt = 0; kills < 50; attempt++) {
    const folder = folderWith(files());
    const { run, checkpoints, path, model } = at(folder, "killed");
    let newest = 0;
    while (kills < 50 && !existsSync(model)) {
      const child = start(verb("killed", "--quiet", ...(existsSync(run) ? ["--resume"] : [])), { cwd: folder });
      const exited = once(child, "exit") as Promise<[number | null]>;
      await untilMoment(folder, () => child.exitCode === null, kills);
      if (child.kill("SIGKILL")) kills++;
      const [code] = await exited;
      expect(code ?? 0, `after ${kills} kills`).toBe(0);
      const now = completeCheckpoints(checkpoints).at(-1) ?? 0;
      expect(now, `newest checkpoint after ${kills} kills`).toBeGreaterThanOrEqual(newest);
      newest = now;
    }
    const done = interlingua(verb("killed", "--quiet", ...(existsSync(run) ? ["--resume"] : [])), { cwd: folder });
    expect(done, done.err).toMatchObject({ code: 0 });
    expect(left(folder, "killed"), `run ${attempt}, after ${kills} kills`).toEqual(straight.left);
    expect(readdirSync(path).filter((name) => /tmp|unfinished/.test(name))).toEqual([]);
  }
}, 400_000);

test("a damaged checkpoint is set aside, and the run goes on from the one before", async () => {
  const folder = folderWith(files());
  const { checkpoints, model } = at(folder, "damaged");
  const stopped = interlingua(verb("damaged", "--quiet"), { cwd: folder });
  expect(stopped, stopped.err).toMatchObject({ code: 0 });
  rmSync(model, { recursive: true });
  const weights = join(checkpoints, "step-000080/weights.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 9]! ^= 1;
  writeFileSync(weights, bytes);
  const resumed = interlingua(verb("damaged", "--resume"), { cwd: folder });
  expect(resumed, resumed.err).toMatchObject({ code: 0 });
  expect(resumed.err).toContain(
    "the checkpoint of step 80 is damaged (weights.safetensors has other bytes than were written)",
  );
  expect(resumed.err).toContain("resuming after step 76");
  expect(left(folder, "damaged")).toEqual((await undisturbed()).left);
  expect(readdirSync(checkpoints)).toContain("step-000080.damaged");
});

describe("a full disk", () => {
  const size = 5 << 20;

  /** A folder on a small disk of its own; undefined where none can be mounted. */
  function smallDisk(): string | undefined {
    const folder = folderWith({ "disk/.keep": "" });
    const disk = join(folder, "disk");
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "interlingua", disk]).status === 0;
    if (!mounted) return undefined;
    onTestFinished(() => void spawnSync("umount", [disk]));
    for (const [name, text] of Object.entries(files())) {
      mkdirSync(join(disk, name, ".."), { recursive: true });
      writeFileSync(join(disk, name), text);
    }
    return disk;
  }

  /** Fills the disk to the last byte. */
  function fill(disk: string): void {
    try {
      for (let i = 0; ; i++) writeFileSync(join(disk, `ballast.${i}`), Buffer.alloc(size));
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
  }
  const free = (disk: string) => {
    for (const name of readdirSync(disk)) if (name.startsWith("ballast")) rmSync(join(disk, name));
  };
  const noDisk = "a disk of 5 MB needs root and mount";

  /** Starts the run, fills the disk when a checkpoint is there, waits for the end. */
  async function filledWhileRunning(disk: string): Promise<Outcome> {
    const bin = join(import.meta.dirname, "../bin/interlingua.js");
    const child = spawn(process.execPath, [bin, ...verb("full")], { cwd: disk, stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const exited = once(child, "close") as Promise<[number | null]>;
    const { checkpoints } = at(disk, "full");
    while (child.exitCode === null && completeCheckpoints(checkpoints).length === 0) await wait(2);
    fill(disk);
    return { code: (await exited)[0], out: "", err };
  }

  test("that fills while a run trains ends it with 1; its checkpoint stays, and with space it goes on to the same bits", async (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip(noDisk);
    const { checkpoints, model } = at(disk, "full");
    const full = await filledWhileRunning(disk);
    expect(full.code, full.err).toBe(1);
    expect(full.err).toMatch(
      /error: .*(the disk is full\. Free some space|a checkpoint needs .* the disk has 0 MiB left)/,
    );
    const kept = completeCheckpoints(checkpoints);
    expect(kept.length).toBeGreaterThan(0);
    // nor does it go on before there is space
    const again = interlingua(verb("full", "--resume"), { cwd: disk });
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/the disk is full|do not fit on the disk|a checkpoint needs/);
    expect(completeCheckpoints(checkpoints)).toEqual(kept);
    expect(existsSync(model)).toBe(false);
    free(disk);
    const resumed = interlingua(verb("full", "--resume"), { cwd: disk });
    expect(resumed, resumed.err).toMatchObject({ code: 0 });
    expect(left(disk, "full")).toEqual((await undisturbed()).left);
  });

  test("that holds no checkpoint and final folder is refused before the first step", (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip(noDisk);
    writeFileSync(join(disk, "ballast.0"), Buffer.alloc(size - (900 << 10)));
    const refused = interlingua(verb("full"), { cwd: disk });
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/a checkpoint \(.* GB\) and the final folder \(.* GB\) do not fit on the disk/);
    expect(readLines(at(disk, "full").log)).toEqual([]);
  });
});
