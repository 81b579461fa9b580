import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { syncFolder, writeJson } from "../run/atomic.ts";
import {
  hashSafetensors,
  noGrad,
  openSafetensors,
  ops,
  type SafetensorsFile,
  scope,
  type Tensor,
  threads,
  torchVersion,
  writeSafetensors,
} from "../tensor/index.ts";

/** On what a run's bits depend; resuming elsewhere says what differs. */
export interface Environment {
  cpu: string;
  torch: string;
  threads: number;
  device: string;
  dtype: string;
  /** absent in checkpoints of older versions */
  processes?: number;
}

/** state.json: written last, it marks the checkpoint as complete. */
export interface CheckpointState {
  step: number;
  /** pieces that micro-batches were cut into for want of memory; 1 is whole */
  pieces: number;
  /** of all processes; what a run began with stays, also where it continues with another number of processes */
  micro_batches_per_step?: number;
  environment: Environment;
  /** sha256 of weights and optimizer state as they lie on the disk; absent in checkpoints of older versions */
  hashes?: Readonly<Record<string, string>>;
}

const weightsFile = "weights.safetensors";
const optimizerFile = "optimizer.safetensors";

export const environment = (device: string, dtype: string, processes: number): Environment => ({
  cpu: cpus()[0]?.model ?? "unknown",
  torch: torchVersion(),
  threads: threads(),
  device,
  dtype,
  processes,
});

const folderOf = (checkpoints: string, step: number): string =>
  join(checkpoints, `step-${String(step).padStart(6, "0")}`);

function checkSpace(folder: string, tensors: Iterable<Tensor>): void {
  let needed = 0;
  for (const tensor of tensors) needed += tensor.shape.reduce((product, n) => product * n, 4);
  const { bavail, bsize } = statfsSync(folder);
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  if (bavail * bsize < needed * 1.1)
    throw new Error(
      `${folder}: a checkpoint needs ${mebibytes(needed * 1.1)}, the disk has ${mebibytes(bavail * bsize)} left. Free some space; earlier checkpoints are untouched.`,
    );
}

/** The steps of complete checkpoints, oldest first. */
export function completeCheckpoints(checkpoints: string): number[] {
  if (!existsSync(checkpoints)) return [];
  const steps = readdirSync(checkpoints).flatMap((name) => {
    const step = Number(name.match(/^step-(\d+)$/)?.[1] ?? Number.NaN);
    return Number.isInteger(step) && existsSync(join(checkpoints, name, "state.json")) ? [step] : [];
  });
  return steps.sort((a, b) => a - b);
}

/** Which checkpoints stay when a new one is written: the newest ones, and those of `steps`. */
export interface Keeping {
  newest: number;
  steps: readonly number[];
}

export interface Saved {
  parameters: ReadonlyMap<string, Tensor>;
  /** the optimizer's state */
  moments: ReadonlyMap<string, Tensor>;
}

function writeFiles(folder: string, state: CheckpointState, { parameters, moments }: Saved): void {
  checkSpace(folder, [...parameters.values(), ...moments.values()]);
  writeSafetensors(join(folder, weightsFile), parameters);
  writeSafetensors(join(folder, optimizerFile), moments);
  const hashes = Object.fromEntries(
    [weightsFile, optimizerFile].map((name) => [name, hashSafetensors([join(folder, name)])]),
  );
  writeJson(join(folder, "state.json"), { ...state, hashes });
}

/** Writes a checkpoint, its state.json last, then removes those that need not be kept. */
export function saveCheckpoint(checkpoints: string, state: CheckpointState, saved: Saved, keeping: Keeping): void {
  const folder = folderOf(checkpoints, state.step);
  rmSync(folder, { recursive: true, force: true }); // what an interrupted attempt left
  mkdirSync(folder, { recursive: true });
  try {
    writeFiles(folder, state, saved);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true }); // on a full disk every byte counts
    throw error;
  }
  syncFolder(checkpoints); // the new one is there for good before an old one goes
  for (const step of completeCheckpoints(checkpoints).slice(0, -keeping.newest))
    if (!keeping.steps.includes(step)) rmSync(folderOf(checkpoints, step), { recursive: true, force: true });
}

/** Puts the weights of a checkpoint into the parameters. */
export function loadWeights(checkpoints: string, step: number, parameters: ReadonlyMap<string, Tensor>): void {
  const weights = openSafetensors(join(folderOf(checkpoints, step), weightsFile));
  noGrad(() =>
    scope(() => {
      for (const [name, parameter] of parameters) ops.copyInto(parameter, weights.get(name));
    }),
  );
}

/** state.json of a checkpoint. */
export const readState = (checkpoints: string, step: number): CheckpointState =>
  JSON.parse(readFileSync(join(folderOf(checkpoints, step), "state.json"), "utf8")) as CheckpointState;

/** Opens the optimizer's state in a checkpoint. */
export const openMoments = (checkpoints: string, step: number): SafetensorsFile =>
  openSafetensors(join(folderOf(checkpoints, step), optimizerFile));

/** What is wrong with a complete checkpoint's files, in words; undefined where they are as they were written. */
export function damage(checkpoints: string, step: number): string | undefined {
  try {
    const { hashes = {} } = readState(checkpoints, step);
    const changed = Object.keys(hashes).find(
      (name) => hashSafetensors([join(folderOf(checkpoints, step), name)]) !== hashes[name],
    );
    return changed && `${changed} has other bytes than were written`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Renames a checkpoint so that it no longer counts. → its new folder */
export function setAside(checkpoints: string, step: number): string {
  const aside = `${folderOf(checkpoints, step)}.damaged`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(folderOf(checkpoints, step), aside);
  return aside;
}

/** What differs between where a checkpoint was made and here, in words; empty where bits will repeat. */
export function differences(was: Environment, now: Environment): string[] {
  return (Object.keys(was) as (keyof Environment)[])
    .filter((key) => was[key] !== now[key])
    .map((key) => `${key} was ${was[key]}, is ${now[key]}`);
}
