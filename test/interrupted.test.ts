import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import type { StepRecord } from "../src/run/records.ts";
import type { DevelopmentRecord } from "../src/train/development.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

const bin = fileURLToPath(new URL("../bin/interlingua.js", import.meta.url));

/** Runs a command and sends it a signal as soon as its stderr holds `words`. → exit code and stderr */
function signalled(args: string[], cwd: string, words: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  let sent = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    if (sent || !err.includes(words)) return;
    sent = true;
    child.kill(signal);
  });
  return new Promise<{ code: number | null; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, err })),
  );
}

const recipe = `
name: stopped
model: runs/small/model
threads: 1
train:
  objectives: { contrastive: { layer: 2, pairs_per_batch: 8 }, instruction: { batch_tokens: 512 } }
  max_steps: 6
  save_steps: 100
  development: { eval_steps: 2, validation_share: 0.2, text: { path: text/en.txt, languages: [en], limit: 50 } }
data:
  parallel: { path: data/parallel, languages: [en, de] }
  instructions: { path: data/instructions.jsonl }
`;

test("a signal while data are read, before the first step, in an evaluation: told, its exit code, nothing half-written", async () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 2, save: 2 }), ...studyFiles(), "stopped.yaml": recipe });
  expect(interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder })).toMatchObject({ code: 0 });
  const paths = runFolder(join(folder, "runs/stopped"));
  const align = (words: string, signal: NodeJS.Signals, ...more: string[]) =>
    signalled(["align", "stopped.yaml", ...more], folder, words, signal);

  const reading = await align("parallel text:", "SIGINT");
  expect(reading, reading.err).toMatchObject({ code: 130 });
  expect(reading.err).toContain("stopped before anything was written");
  expect(existsSync(paths.path)).toBe(false);

  const before = await align("training for", "SIGTERM", "--set", "train.objectives.contrastive.pairs_per_batch=90");
  expect(before, before.err).toMatchObject({ code: 143 });
  expect(before.err).toContain("stopped before the first step");
  expect(readdirSync(paths.path)).toEqual(["run.json"]);

  // which is no reason to refuse another recipe of this name
  const evaluating = await align("step 2: loss", "SIGINT", "--set", "seed=1");
  expect(evaluating, evaluating.err).toMatchObject({ code: 130 });
  expect(evaluating.err).toContain("this one takes its place");
  expect(evaluating.err).toContain("stopped; the run continues with --resume");
  const steps = readLines<StepRecord>(paths.log).length;
  expect(readdirSync(paths.checkpoints)).toContain(`step-00000${steps}`);
  expect([existsSync(paths.model), existsSync(paths.trainerState)]).toEqual([false, false]);

  const rest = interlingua(["align", "stopped.yaml", "--resume", "--set", "seed=1"], { cwd: folder });
  expect(rest.code, rest.err).toBe(0);
  expect(readLines<StepRecord>(paths.log)).toHaveLength(6);
  expect(readLines<DevelopmentRecord>(paths.development).map(({ step }) => step)).toEqual([0, 2, 4, 6]);
  expect(readdirSync(paths.path).filter((name) => /tmp|unfinished|lock/.test(name))).toEqual([]);
});

test("a run goes on though nobody reads its progress any more", async () => {
  const folder = folderWith(pretrainFiles({ steps: 20, save: 20 }));
  const child = spawn(process.execPath, [bin, "pretrain", "recipe.yaml"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.once("data", () => child.stderr.destroy());
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).toBe(0);
  expect(existsSync(join(runFolder(join(folder, "runs/small")).path, "model/model.safetensors"))).toBe(true);
});
