import { encodePairs } from "../data/encode.ts";
import { readParallel } from "../data/parallel.ts";
import { UsageError } from "../run/errors.ts";
import type { TrainingRows } from "./objectives.ts";
import { readPrompts } from "./prompt-data.ts";
import { resolvePath } from "./read.ts";
import { needRows, type Reading } from "./reading.ts";

/** Rows that are evaluated while training, where they have a place of their own. */
export async function readHeld(reading: Reading): Promise<void> {
  const { recipe, tokenizer, cut, into } = reading;
  const { objectives, development } = recipe.train!;
  const held: NonNullable<TrainingRows["held"]> = {};
  if (development?.parallel !== undefined) {
    const key = "train.development.parallel";
    const { contrastive } = objectives;
    if (contrastive === undefined)
      throw new UsageError(`${key}: nothing to evaluate: there is no train.objectives.contrastive.`);
    const { path, languages, limit } = development.parallel;
    const { pairs } = readParallel(resolvePath(path, `${key}.path`), languages, { limit });
    needRows(pairs, key);
    held.pairs = await encodePairs(tokenizer, pairs, cut(contrastive.maximum_length));
  }
  if (development?.instructions !== undefined) {
    const key = "train.development.instructions";
    if (objectives.instruction === undefined)
      throw new UsageError(`${key}: nothing to evaluate: there is no train.objectives.instruction.`);
    held.instructions = await readPrompts(reading, development.instructions, { key, role: "held-out instructions" });
  }
  into.rows.held = held;
}
