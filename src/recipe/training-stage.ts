import type { Model } from "../models/model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Collectives } from "../tensor/index.ts";
import type { Beginning } from "./beginning.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** A training stage that is ready to run. */
export interface TrainingStage extends Beginning {
  recipe: Recipe;
  folder: RunFolder;
  model: Model;
  objectives: Objective[];
  maxSteps: number;
  resume: boolean;
  watch: Watch;
  ranks: Collectives;
}
