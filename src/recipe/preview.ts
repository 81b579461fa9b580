import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { weightFiles } from "../models/load.ts";
import { type RunFolder, runFolder } from "../run/folder.ts";
import { alone, type Collectives, hashSafetensors } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { alignStage } from "./align.ts";
import { exported } from "./exported.ts";
import { buildObjectives } from "./objectives.ts";
import { planTraining, type TrainingPlan } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { prepare, type Study } from "./prepare.ts";
import type { Recipe } from "./schema.ts";
import { stepsOf } from "./steps.ts";
import { trainableModel } from "./trainable-model.ts";
import { holdOut } from "./validation-rows.ts";
import { StoppedError, type Watch } from "./watch.ts";

/** The inputs of the training stage, for a run folder that does not exist. */
const prepareTraining = (recipe: Recipe, watch: Watch): Promise<Study> =>
  prepare(
    recipe,
    runFolder(join(tmpdir(), `interlingua-${process.pid}`)),
    { measure: false, align: true, report: false },
    { resume: false, watch },
  );

/** What the training stage would do; nothing is written. */
export async function planStudy(given: Recipe, watch: Watch): Promise<TrainingPlan> {
  const study = await prepareTraining(given, watch);
  const { recipe } = study;
  const { counts } = study.training!;
  const share = recipe.train!.development?.validation_share ?? 0;
  const rows = holdOut(study.training!.rows, share, recipe.seed).training;
  const model = await trainableModel(recipe, study.base);
  const objectives = buildObjectives(recipe.train!.objectives, rows, {
    seed: recipe.seed,
    padId: model.config.padId ?? 0,
  });
  const steps = stepsOf(recipe.train!, objectives);
  const need = preflight(model, objectives, recipe.train!, { compute: recipe.dtype, steps, folder: process.cwd() });
  model.dispose();
  const tokenizer = await loadTokenizer(study.base);
  return planTraining(recipe, rows, tokenizer, { objectives, steps, parameters: study.model.parameters, need, counts });
}

export interface ResumeCheck {
  /** whether the resumed run's weights are bit for bit those of the uninterrupted one */
  identical: boolean;
  /** steps of each run; the second one stops in the middle */
  steps: number;
}

const checkedSteps = 4;

/** A watch that stops the run after a step. */
function stoppingAfter(step: number, watch: Watch): Watch {
  const abort = new AbortController();
  const progress = () => ({ update: (done: number) => (done >= step ? abort.abort() : undefined), finish: () => {} });
  return { say: watch.say, progress, signal: abort.signal };
}

/**
 * Trains a few steps twice, once straight through and once stopped and resumed, in a temporary folder, and compares the weights.
 * Of several ranks the first writes and compares.
 */
export async function verifyResume(given: Recipe, watch: Watch, ranks: Collectives = alone): Promise<ResumeCheck> {
  const { recipe, base, training } = await prepareTraining(given, watch);
  const short: Recipe = { ...recipe, train: { ...recipe.train!, max_steps: checkedSteps, save_steps: checkedSteps } };
  const place = mkdtempSync(join(tmpdir(), "interlingua-resume-"));
  const [straight, resumed] = ["straight", "resumed"].map((name) => runFolder(join(place, name))) as [
    RunFolder,
    RunFolder,
  ];
  try {
    await alignStage(short, straight, training!, { base, resume: false, watch, ranks });
    const stopped = { base, resume: false, watch: stoppingAfter(checkedSteps / 2, watch), ranks };
    await alignStage(short, resumed, training!, stopped).catch((error: unknown) => {
      if (!(error instanceof StoppedError)) throw error;
    });
    await alignStage(short, resumed, training!, { base, resume: true, watch, ranks });
    const hash = (folder: RunFolder) => {
      const { model, adapter } = exported(folder)!;
      return hashSafetensors(
        adapter === undefined ? weightFiles(model!) : [join(adapter, "adapter_model.safetensors")],
      );
    };
    if (ranks.rank > 0) return { identical: true, steps: checkedSteps };
    return { identical: hash(straight) === hash(resumed), steps: checkedSteps };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
