import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./errors.ts";
import { lockFolder } from "./lock.ts";

/** The paths of one run folder. Stages meet here: each reads to its left and writes to its right. */
export interface RunFolder {
  readonly path: string;
  /** resolved recipe, versions, device and data manifest; written before anything else */
  readonly run: string;
  /** one record per optimizer step */
  readonly log: string;
  /** event files for TensorBoard */
  readonly tensorboard: string;
  /** the log by the names of Hugging Face's Trainer */
  readonly trainerState: string;
  /** one record per evaluation while training */
  readonly development: string;
  readonly checkpoints: string;
  /** final Hugging Face folder (full tuning) */
  readonly model: string;
  /** final PEFT adapter (LoRA) */
  readonly adapter: string;
  readonly reportHtml: string;
  readonly reportJson: string;
  readonly reportMarkdown: string;
  /** `eval/<model>/results.json`; `model` is `<name>-<first 12 hex digits of the weights' hash>` */
  results(model: string): string;
  /** one row per example, append-only: `eval/<model>/<task>/<lang>.<k>shot.<seed>.jsonl` */
  examples(model: string, task: string, language: string, shots: number, seed: number): string;
  /** `lens/<model>/<lens>.json` */
  lens(model: string, lens: string): string;
  /** names of the models that have evaluation results or lens files here */
  models(kind: "eval" | "lens"): string[];
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    run: join(path, "run.json"),
    log: join(path, "log.jsonl"),
    tensorboard: join(path, "tensorboard"),
    trainerState: join(path, "trainer_state.json"),
    development: join(path, "development.jsonl"),
    checkpoints: join(path, "checkpoints"),
    model: join(path, "model"),
    adapter: join(path, "adapter"),
    reportHtml: join(path, "report.html"),
    reportJson: join(path, "report.json"),
    reportMarkdown: join(path, "report.md"),
    results: (model) => join(path, "eval", model, "results.json"),
    examples: (model, task, language, shots, seed) =>
      join(path, "eval", model, task, `${language}.${shots}shot.${seed}.jsonl`),
    lens: (model, lens) => join(path, "lens", model, `${lens}.json`),
    models(kind) {
      const folder = join(path, kind);
      if (!existsSync(folder)) return [];
      // beside the models' folders there are files, such as the schema of the lenses' rows
      const entries = readdirSync(folder, { withFileTypes: true });
      return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    },
  };
}

/** Refuses a run folder that exists, unless it is to be continued. */
export function refuseExisting(folder: RunFolder, resume: boolean): void {
  if (existsSync(folder.run) && !resume) {
    throw new UsageError(
      `${folder.path}: this run folder exists and is not touched. Continue it with --resume, or choose another name (--set name=…).`,
    );
  }
}

/** Makes the folder and takes its lock; the function that it returns gives the lock back. */
export function openRun(folder: RunFolder): () => void {
  mkdirSync(folder.path, { recursive: true });
  return lockFolder(folder.path);
}

/** Reads a JSON file of a run folder; the error names the file. */
export function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    throw new Error(`${path}: expected a JSON document (${(error as Error).message}).`);
  }
}
