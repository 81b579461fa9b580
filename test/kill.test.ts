import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { readLines } from "../src/run/lines.ts";
import type { StepRecord } from "../src/run/records.ts";
import { interlingua, start } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles } from "./small-study.ts";

const steps = 60;
const verb = (runs: string, ...more: string[]) => ["pretrain", "recipe.yaml", "--runs", runs, "--quiet", ...more];
const weights = (folder: string, runs: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, runs, "small/model/model.safetensors")))
    .digest("hex");
const logOf = (folder: string, runs: string) => readLines<StepRecord>(join(folder, runs, "small/log.jsonl"));

/** Starts the run and kills it with −9 as soon as its log has so many lines. */
async function killAfter(folder: string, lines: number, resume: boolean): Promise<void> {
  const child = start(verb("killed", ...(resume ? ["--resume"] : [])), { cwd: folder });
  const exited = once(child, "exit");
  while (child.exitCode === null && logOf(folder, "killed").length < lines) await wait(2);
  child.kill("SIGKILL");
  await exited;
}

test("killed with −9 at three random points and resumed, a run ends with the uninterrupted run's bits", async () => {
  const folder = folderWith(pretrainFiles({ steps, save: 5 }));
  const straight = interlingua(verb("straight"), { cwd: folder });
  expect(straight, straight.err).toMatchObject({ code: 0 });
  // the points differ from run to run; a failure names them
  const points = Array.from({ length: 3 }, () => 1 + Math.floor(Math.random() * (steps - 2))).sort((a, b) => a - b);
  for (const [i, lines] of points.entries())
    await killAfter(folder, lines, i > 0 && existsSync(join(folder, "killed/small/run.json")));
  const resumed = interlingua(verb("killed", "--resume"), { cwd: folder });
  expect(resumed, `${points}: ${resumed.err}`).toMatchObject({ code: 0 });
  expect(weights(folder, "killed"), `killed after ${points}`).toBe(weights(folder, "straight"));
  const figures = (runs: string) =>
    logOf(folder, runs).map(({ step, loss, grad_norm, lr, tokens }) => [step, loss, grad_norm, lr, tokens]);
  expect(figures("killed")).toEqual(figures("straight"));
});

test("SIGTERM ends the run after a step, saves, and exits with 143; --resume completes it", async () => {
  const folder = folderWith(pretrainFiles({ steps: 200, save: 1000 }));
  const child = start(verb("stopped"), { cwd: folder });
  const exited = once(child, "exit") as Promise<[number | null]>;
  while (child.exitCode === null && logOf(folder, "stopped").length < 5) await wait(2);
  child.kill("SIGTERM");
  expect((await exited)[0]).toBe(143);
  const stopped = logOf(folder, "stopped").length;
  expect(stopped).toBeLessThan(200);
  expect(existsSync(join(folder, "stopped/small/model"))).toBe(false);
  const refused = interlingua(verb("stopped"), { cwd: folder });
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("Continue it with --resume");
  expect(interlingua(verb("stopped", "--resume"), { cwd: folder }).code).toBe(0);
  expect(logOf(folder, "stopped").map(({ step }) => step)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
});
