import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import type { ResultsFile, StepRecord } from "../src/run/records.ts";
import { openSafetensors } from "../src/tensor/index.ts";
import type { DevelopmentRecord } from "../src/train/development.ts";
import type { TrainerState } from "../src/train/trainer-state.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

/** A full-tuning recipe on the small model, evaluated while it trains. */
const recipe = (name: string, rate: string, development: string) => `
name: ${name}
model: runs/small/model
threads: 1
train:
  objectives:
    contrastive: { layer: 2, pairs_per_batch: 8 }
    instruction: { batch_tokens: 512 }
  num_train_epochs: 2
  learning_rate: ${rate}
  log_gradients_steps: 5
  save_steps: 4
  development: ${development}
data:
  parallel: { path: data/parallel, languages: [en, de] }
  instructions: { path: data/instructions.jsonl }
`;

test("evaluated while training: best exported, forgetting stopped and rolled back, resumed alike", () => {
  const text = "text: { path: text/en.txt, languages: [en], limit: 30 }";
  const tasks = "tasks: [{ task: xnli, languages: [en, de], limit: 30, data: data }]";
  const folder = folderWith({
    ...pretrainFiles({ steps: 60, save: 60 }),
    ...studyFiles(),
    "calm.yaml": recipe(
      "calm",
      "1.0e-3",
      `{ eval_steps: 5, validation_share: 0.2, metric: instruction.loss, ${text}, ${tasks} }`,
    ),
    "wild.yaml": recipe(
      "wild",
      "0.05",
      `{ eval_steps: 2, validation_share: 0.1, ${text}, guard: { languages: [en], budget: 0.02 } }`,
    ),
  });
  const run = (...args: string[]) => interlingua(args, { cwd: folder });
  expect(run("pretrain", "recipe.yaml", "--quiet")).toMatchObject({ code: 0 });
  const done = run("align", "calm.yaml");
  expect(done, done.err).toMatchObject({ code: 0 });

  const paths = runFolder(join(folder, "runs/calm"));
  const records = readLines<DevelopmentRecord>(paths.development);
  const steps = readLines<StepRecord>(paths.log);
  // two passes over the objective with the most micro-batches: 96 of 120 pairs, eight at a time
  expect(steps).toHaveLength(24);
  expect(records.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20, 24]);
  const losses = records.slice(1).map(({ metrics }) => metrics["instruction.loss"]!);
  const best = records[1 + losses.indexOf(Math.min(...losses))]!;
  expect(done.err).toContain(`exporting step ${best.step}, the best by instruction.loss`);
  const weights = (path: string) => openSafetensors(path).get("model.layers.0.fc1.weight").toFloats();
  expect(weights(join(paths.model, "model.safetensors"))).toEqual(
    weights(join(paths.checkpoints, `step-${String(best.step).padStart(6, "0")}`, "weights.safetensors")),
  );
  expect(Object.keys(best.metrics)).toEqual(
    expect.arrayContaining(["loss", "contrastive.accuracy", "contrastive.uniformity", "bits_per_byte.en"]),
  );
  expect(Object.keys(steps[4]!.gradients!.cosines)).toEqual(["contrastive ~ instruction"]);

  const state = readJson<TrainerState>(paths.trainerState);
  expect(state).toMatchObject({
    global_step: 24,
    max_steps: 24,
    num_train_epochs: 2,
    best_metric: Math.min(...losses),
  });
  expect(state.log_history.filter((entry) => "eval_loss" in entry)).toHaveLength(6);
  expect(readdirSync(paths.tensorboard)[0]).toMatch(/^events\.out\.tfevents\./);

  // the loop's figures of tasks are those of eval, on the same items
  const asked = ["eval", "--model", "runs/calm/model", "--tasks", "xnli", "--languages", "en,de", "--data", "data"];
  expect(run(...asked, "--output", "runs/asked", "--quiet")).toMatchObject({ code: 0 });
  const found = runFolder(join(folder, "runs/asked"));
  const { results } = readJson<ResultsFile>(found.results(found.models("eval")[0]!));
  const accuracy = (code: string) =>
    results.find(({ metric, language }) => metric === "acc" && language === code)!.value;
  expect(best.metrics).toMatchObject({
    ...{ "xnli.en.accuracy": accuracy("en"), "xnli.de.accuracy": accuracy("de") },
    "xnli.accuracy": (accuracy("en") + accuracy("de")) / 2,
  });
  const byTask = run(
    "align",
    "calm.yaml",
    "--quiet",
    "--set",
    "name=by-task",
    "--set",
    "train.development.metric=xnli.accuracy",
  );
  expect(byTask, byTask.err).toMatchObject({ code: 0 });

  // a rate that ruins the model: the guard ends the run, and nothing beyond the budget is exported
  const wild = run("align", "wild.yaml");
  expect(wild.err).toContain("ending after step 2: bits per byte rose beyond the guard's budget: en +");
  expect(wild).toMatchObject({ code: 1 });
  expect(wild.err).toContain("no evaluated checkpoint stayed within the budget, so none is exported");
  const ruined = runFolder(join(folder, "runs/wild"));
  expect([existsSync(ruined.model), existsSync(ruined.checkpoints)]).toEqual([false, true]);
  // it has ended, and resuming does not train on
  const again = run("align", "wild.yaml", "--resume");
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain("ending after step 2");
  expect(readLines<StepRecord>(ruined.log)).toHaveLength(2);

  const refused = run("align", "calm.yaml", "--set", "name=other", "--set", "train.development.metric=xnli");
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.err).toContain("train.development.metric: xnli is not measured; measured: loss,");
  expect(existsSync(join(folder, "runs/other"))).toBe(false);
  const guard = "train.development.guard={languages: [fr]}";
  const unguarded = run("align", "calm.yaml", "--set", "name=other", "--set", guard);
  expect(unguarded).toMatchObject({ code: 2 });
  expect(unguarded.err).toContain("fr: not among the languages of development.text or tasks");
  expect(readFileSync(paths.log, "utf8").split("\n")).toHaveLength(25);
});
