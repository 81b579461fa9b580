import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import type { RunRecord, StepRecord } from "../src/run/records.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles } from "./small-study.ts";

test("a run that ended before its first step gives way to a corrected recipe; one with a step does not", () => {
  const folder = folderWith(pretrainFiles({ steps: 2, save: 2 }));
  const run = (...args: string[]) => interlingua(["pretrain", "recipe.yaml", ...args], { cwd: folder });
  const paths = runFolder(join(folder, "runs/small"));
  // what a run leaves that was killed after its pre-flight: another recipe, an empty log, an evaluation of the untrained model
  mkdirSync(join(paths.checkpoints, "step-000001"), { recursive: true });
  const recipe = { name: "small", seed: 5 };
  writeFileSync(paths.run, JSON.stringify({ recipe }));
  writeFileSync(paths.log, "");
  writeFileSync(paths.development, `${JSON.stringify({ step: 0, metrics: { loss: 9 }, forgotten: {} })}\n`);
  writeFileSync(join(paths.path, "notes.txt"), "mine");

  const { code, err } = run();
  expect(code, err).toBe(0);
  expect(err).toContain("runs/small: a run ended here before its first step; this one takes its place");
  expect(readJson<RunRecord>(paths.run).seed).toBe(4);
  expect(readLines<StepRecord>(paths.log)).toHaveLength(2);
  expect(existsSync(paths.development)).toBe(false);
  expect(readFileSync(join(paths.path, "notes.txt"), "utf8")).toBe("mine");

  const again = run("--set", "seed=6");
  expect(again).toMatchObject({ code: 2 });
  expect(again.err).toContain(
    "this run folder exists and is not touched. Continue it with --resume, or choose another",
  );
  const other = run("--set", "seed=6", "--resume");
  expect(other).toMatchObject({ code: 2 });
  expect(other.err).toContain("--resume continues the same recipe, but these keys differ: seed");
  expect(readJson<RunRecord>(paths.run).seed).toBe(4);
});

test("a folder whose writer is alive is not taken over", () => {
  const folder = folderWith(pretrainFiles({ steps: 2, save: 2 }));
  const paths = runFolder(join(folder, "runs/small"));
  mkdirSync(paths.path, { recursive: true });
  writeFileSync(paths.run, JSON.stringify({ recipe: {} }));
  const { pid } = process;

  writeFileSync(join(paths.path, ".lock"), JSON.stringify({ pid, host: hostname(), since: "today" }));
  const { code, err } = interlingua(["pretrain", "recipe.yaml"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toContain(`another process is writing here (pid ${pid}`);
  expect(readJson(paths.run)).toEqual({ recipe: {} });
});
