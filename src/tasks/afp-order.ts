import { pythonRandom } from "../stats/python-random.ts";
import type { TaskRow } from "./row.ts";

/**
 * AFP's demonstrations and order of evaluation: the generator is seeded, shuffles the demonstration file (only where there are
 * demonstrations) and then, for its printed samples, the list of test items itself.
 * Source: `get_random_items_no_replace` in chongli17/CrossLingualAlignment, src/*_prompt.py.
 * @throws Error when the pool is too small
 */
export function afpOrder(
  pool: readonly TaskRow[],
  rows: readonly TaskRow[],
  { task, shots, seed }: { task: string; shots: number; seed: number },
): { shown: TaskRow[]; position: Map<TaskRow, number> } {
  if (pool.length < shots)
    throw new Error(`${task}: ${shots} demonstrations need ${shots} items, the pool has ${pool.length}.`);
  const random = pythonRandom(seed);
  const shuffled = [...pool];
  if (shots > 0) random.shuffle(shuffled);
  const order = [...rows];
  random.shuffle(order);
  return { shown: shuffled.slice(0, shots), position: new Map(order.map((row, i) => [row, i])) };
}

/** What to say where AFP's code has no templates in a language. */
export const noTemplates = (task: string, code: string, there: readonly string[]): Error =>
  new Error(`AFP has no ${task} templates in ${code}. Ask for the prompt language ${there.join(" or ")}.`);
