import type { Command } from "commander";
import { isFollower, isMember, joinProcesses } from "../recipe/membership.ts";
import type { TrainingPlan } from "../recipe/plan.ts";
import type { Stages } from "../recipe/prepare.ts";
import { planStudy, type ResumeCheck, verifyResume } from "../recipe/preview.ts";
import { startProcesses } from "../recipe/processes.ts";
import { readRecipe } from "../recipe/read.ts";
import type { Recipe } from "../recipe/schema.ts";
import { runStudy } from "../recipe/study.ts";
import type { RunFolder } from "../run/folder.ts";
import { whole } from "./options.ts";
import { watched } from "./watch.ts";

interface Options {
  set: string[];
  resume?: boolean;
  runs?: string;
  device?: string;
  dtype?: string;
  threads?: number;
  seed?: number;
  batchTokens?: number;
  quiet?: boolean;
  dryRun?: boolean;
  verifyResume?: boolean;
  processes?: number;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The flags that a recipe's keys have on the command line; they win over the file. */
function overrides(options: Options): string[] {
  const { device, dtype, threads, seed, batchTokens } = options;
  const flags = { device, dtype, threads, seed, batch_tokens: batchTokens };
  return [
    ...Object.entries(flags).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])),
    ...options.set,
  ];
}

/** A recipe whose step, in one process, is that of `count` processes. */
const withMicroBatchesOf = (count: number, recipe: Recipe): Recipe => {
  const { train } = recipe;
  if (train === undefined) return recipe;
  return {
    ...recipe,
    train: { ...train, gradient_accumulation_steps: count * train.gradient_accumulation_steps },
  };
};

/** Defines a verb that runs some stages of a recipe in runs/<name>; `instead` gets what --dry-run and --verify-resume ask for. */
export function defineRecipeVerb(
  command: Command,
  stages: Stages,
  done: (folder: RunFolder, recipe: Recipe) => Promise<void>,
  instead?: { planned: (plan: TrainingPlan) => void; verified: (check: ResumeCheck) => void },
): void {
  command
    .argument("<recipe>", "YAML file, or the name of a recipe that comes with interlingua, such as afp-2024")
    .option("--set <key=value>", "override a key, such as train.max_steps=100 (repeatable)", collect, [])
    .option("--resume", "continue the run folder where it stopped")
    .option("--runs <folder>", "parent of the run folder (default: runs)")
    .option("--device <device>", "auto, cpu, cuda or mps")
    .option("--dtype <type>", "type of the products: float32, bfloat16, float16")
    .option("--threads <n>", "CPU threads per op; all cores by default", whole(1))
    .option("--seed <n>", "seed of everything random", whole(0))
    .option("--batch-tokens <n>", "padded tokens per batch while measuring", whole(16))
    .option("--quiet", "no progress")
    .action(async (path: string, options: Options) => {
      const { processes: count = 1 } = options;
      if (count > 1 && !options.dryRun && !isMember()) {
        readRecipe(path, overrides(options)); // its mistakes are told once
        process.exitCode = await startProcesses({ count });
        return;
      }
      await watched(options.quiet || isFollower(), async (watch) => {
        const recipe = readRecipe(path, overrides(options));
        if (options.dryRun) {
          instead?.planned(await planStudy(withMicroBatchesOf(count, recipe), watch));
          return;
        }
        const ranks = joinProcesses(recipe.device);
        if (options.verifyResume) {
          const check = await verifyResume(recipe, watch, ranks);
          if (ranks.rank === 0) instead?.verified(check);
          return;
        }
        const folder = await runStudy(recipe, stages, {
          resume: options.resume ?? false,
          watch,
          ranks,
          ...(options.runs !== undefined && { runs: options.runs }),
        });
        if (ranks.rank === 0) await done(folder, recipe);
        ranks.leave();
      });
    });
}
