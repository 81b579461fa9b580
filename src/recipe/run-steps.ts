import { train } from "../train/trainer.ts";
import type { Development } from "./development.ts";
import { openTrainingLog } from "./training-log.ts";
import type { TrainingStage } from "./training-stage.ts";
import { StoppedError } from "./watch.ts";

/** The optimizer steps of a training stage, logged and evaluated; ends early where the development data says so. */
export async function runSteps(stage: TrainingStage, development: Development | undefined): Promise<void> {
  const { recipe, folder, model, objectives, maxSteps, resume, from, watch, ranks } = stage;
  const log = ranks.rank === 0 ? openTrainingLog(folder, from) : undefined;
  const bar = watch.progress("train");
  const enough = new AbortController();
  const end = (step: number, reason: string | undefined) => {
    if (reason === undefined) return;
    watch.say(`ending after step ${step}: ${reason}`);
    enough.abort();
  };
  end(from, development?.ended(from));
  try {
    const steps = train({
      model,
      objectives,
      settings: { ...recipe.train!, max_steps: maxSteps },
      seed: recipe.seed,
      compute: recipe.dtype,
      checkpoints: folder.checkpoints,
      resume,
      signal: AbortSignal.any([watch.signal, enough.signal]),
      saveAt: (step) => step % (recipe.train!.development?.eval_steps ?? Number.POSITIVE_INFINITY) === 0,
      keep: () => [development?.best()?.step ?? []].flat(),
      notice: watch.say,
      ranks,
    });
    for await (const record of steps) {
      if (log === undefined) continue;
      log.append(record);
      bar.update(record.step, maxSteps, log.note(record));
      if (development?.due(record.step) === true) end(record.step, await development.evaluate(record.step));
    }
  } finally {
    bar.finish();
    log?.close();
  }
  ranks.phase("after the last step", "rank 0");
  if (ranks.exchange(watch.signal.aborted).includes(true))
    throw new StoppedError(`stopped; the run continues with --resume`);
}
