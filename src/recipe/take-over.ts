import { existsSync, rmSync } from "node:fs";
import { type RunFolder, readJson, refuseExisting } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import type { RunRecord } from "../run/records.ts";
import { completeCheckpoints } from "../train/checkpoint.ts";
import { exported } from "./exported.ts";
import { checkSameRecipe } from "./run-record.ts";
import type { Recipe } from "./schema.ts";

/** Whether a run ended here before it had a step or a result, refused or killed: nothing is lost when another takes its place. */
export function isBare(folder: RunFolder): boolean {
  const { run, log, checkpoints, reportJson } = folder;
  if (!existsSync(run)) return false;
  const results = [...folder.models("eval"), ...folder.models("lens")];
  return (
    completeCheckpoints(checkpoints).length + readLines(log).length + results.length === 0 &&
    exported(folder) === undefined &&
    !existsSync(reportJson)
  );
}

/** Refuses a run folder that exists, unless it is to be continued or holds nothing yet. */
export function refuseUnlessBare(folder: RunFolder, resume: boolean): void {
  if (!isBare(folder)) refuseExisting(folder, resume);
}

/**
 * Clears what a run left that ended before its first step; another one is continued by the same recipe only. To be called by
 * the writer of the folder. Returns whether something was cleared.
 * @throws UsageError where there is something that the recipe cannot continue
 */
export function takeOver(folder: RunFolder, recipe: Recipe, resume: boolean): boolean {
  if (!existsSync(folder.run)) return false;
  if (!isBare(folder)) {
    // another process may have written since the folder was looked at
    refuseExisting(folder, resume);
    checkSameRecipe(readJson<RunRecord>(folder.run), recipe, folder.path);
    return false;
  }
  const { log, development, tensorboard, checkpoints, trainerState, run } = folder;
  // run.json last: what is interrupted here is found bare again
  for (const path of [log, development, tensorboard, checkpoints, trainerState, run])
    rmSync(path, { recursive: true, force: true });
  return true;
}
