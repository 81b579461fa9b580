import { demonstrations } from "./demonstrations.ts";
import { harnessSampler } from "./harness-sampler.ts";
import type { AnsweredRow } from "./row.ts";
import type { ExampleOptions, HarnessRules } from "./task-parts.ts";

export interface AnsweredPool {
  pool: readonly AnsweredRow[];
  /** whether the pool is what is evaluated */
  isEvaluated: boolean;
  /** whether it is another pool than the rules name */
  isOther: boolean;
}

/** The demonstrations of an item, to be asked for once per item in order, and the items that are therefore not evaluated. */
export function answeredDemonstrations(
  task: string,
  rules: HarnessRules,
  options: Pick<ExampleOptions, "prompts" | "shots" | "seed" | "sampler">,
  { pool, isEvaluated, isOther }: AnsweredPool,
): { of(row: AnsweredRow): readonly AnsweredRow[]; excluded: ReadonlySet<string> } {
  const { prompts, shots, seed } = options;
  if (shots === 0) return { of: () => [], excluded: new Set() };
  if (prompts === "harness") {
    const sampler = options.sampler ?? rules.sampler ?? "random";
    const excludesItself = rules.excludesItself || isOther;
    return { of: harnessSampler(pool, { task, shots, seed, sampler, excludesItself }), excluded: new Set() };
  }
  const byId = new Map(pool.map((row) => [row.id, row]));
  // there is nothing to balance, so all items are of one kind
  const rows = pool.map(({ id, fields }) => ({ id, fields, label: 0 }));
  const shown = demonstrations(rows, { task, labels: ["item"], shots, seed });
  const chosen = shown.rows.map(({ id }) => byId.get(id)!);
  return { of: () => chosen, excluded: isEvaluated ? shown.ids : new Set() };
}
