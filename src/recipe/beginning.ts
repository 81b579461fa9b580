import type { RunFolder } from "../run/folder.ts";
import { alone, type Collectives } from "../tensor/index.ts";
import { completeCheckpoints, damage, readState, setAside } from "../train/checkpoint.ts";
import { microBatchesPerStep } from "../train/trainer.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** Where training begins. */
export interface Beginning {
  /** the step that training continues after; 0 at the start */
  from: number;
  /** micro-batches per step, those of all processes */
  microBatches: number;
}

/** The newest checkpoint whose files are as they were written; damaged ones that are newer are set aside. */
function newestSound({ checkpoints }: RunFolder, { say }: Watch): number | undefined {
  for (const step of completeCheckpoints(checkpoints).reverse()) {
    const problem = damage(checkpoints, step);
    if (problem === undefined) return step;
    say(`the checkpoint of step ${step} is damaged (${problem}); it is now ${setAside(checkpoints, step)}`);
  }
  return undefined;
}

/** Where training begins, as rank 0 sees it. */
export function beginning(
  folder: RunFolder,
  recipe: Recipe,
  { resume, watch, ranks = alone }: { resume: boolean; watch: Watch; ranks?: Collectives },
): Beginning {
  const newest = resume && ranks.rank === 0 ? newestSound(folder, watch) : undefined;
  const state = newest === undefined ? undefined : readState(folder.checkpoints, newest);
  const own = { from: newest ?? 0, microBatches: microBatchesPerStep(recipe.train!, ranks, state) };
  ranks.phase("beginning", "all"); // each reads the data
  return ranks.exchange(own)[0]!;
}
