import { existsSync } from "node:fs";
import { saveAdapter } from "../models/adapter.ts";
import { saveModel } from "../models/save.ts";
import type { RunFolder } from "../run/folder.ts";
import { openLines } from "../run/lines.ts";
import type { StepRecord } from "../run/records.ts";
import { completeCheckpoints } from "../train/checkpoint.ts";
import { train } from "../train/trainer.ts";
import { buildObjectives, type TrainingRows } from "./objectives.ts";
import type { Recipe } from "./schema.ts";
import { trainableModel } from "./trainable-model.ts";
import { StoppedError, type Watch } from "./watch.ts";

function note({ loss, parts, tokens_per_second }: StepRecord): string {
  const named = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  return `loss ${loss.toFixed(3)} (${named.join(", ")})  ${Math.round(tokens_per_second)} tokens/s`;
}

/** The exported model or adapter of a finished run, or undefined. */
export function exported(folder: RunFolder): { model?: string; adapter?: string } | undefined {
  if (existsSync(folder.model)) return { model: folder.model };
  return existsSync(folder.adapter) ? { adapter: folder.adapter } : undefined;
}

/**
 * The training stage: log.jsonl, checkpoints/, then model/ or adapter/. With `resume` it continues from the newest complete
 * checkpoint, the log cut to its step. Throws StoppedError when the signal fired; the checkpoint is written by then.
 */
export async function alignStage(
  recipe: Recipe,
  folder: RunFolder,
  rows: TrainingRows,
  options: { base: string; resume: boolean; watch: Watch },
): Promise<void> {
  const settings = recipe.train!;
  const { base, resume, watch } = options;
  const model = await trainableModel(recipe, base);
  const objectives = buildObjectives(settings.objectives, rows, { seed: recipe.seed, padId: model.config.padId ?? 0 });
  const from = resume ? (completeCheckpoints(folder.checkpoints).at(-1) ?? 0) : 0;
  if (from > 0) watch.say(`resuming after step ${from}`);
  const log = openLines<StepRecord>(folder.log, ({ step }) => step <= from);
  const bar = watch.progress("train");
  try {
    const steps = train({
      model,
      objectives,
      settings,
      seed: recipe.seed,
      compute: recipe.dtype,
      checkpoints: folder.checkpoints,
      resume,
      signal: watch.signal,
      notice: watch.say,
    });
    for await (const record of steps) {
      log.append(record);
      log.sync();
      bar.update(record.step, settings.max_steps, note(record));
    }
  } finally {
    bar.finish();
    log.close();
  }
  if (watch.signal.aborted) throw new StoppedError(`stopped; the run continues with --resume`);
  if (settings.method.kind === "lora") {
    saveAdapter(model, folder.adapter, { ...settings.method, base });
  } else saveModel(model, folder.model, base, typeof recipe.model === "string" ? undefined : recipe.model.config);
  model.dispose();
}
