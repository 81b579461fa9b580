import type { Doubts } from "../eval/doubts.ts";
import type { EvaluationUnit } from "../eval/units.ts";
import { type DropRule, droppedItems } from "../tasks/drop-rules.ts";
import type { Finding } from "../tasks/finding.ts";
import type { Task } from "../tasks/index.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import type { Split } from "../tasks/row.ts";

/** How doubtful data are dealt with; every figure stays, another stands beside it. */
export interface DoubtOptions {
  /** checks whose items are left out */
  drop?: readonly DropRule[] | undefined;
  /** English labels in the place of a language's own */
  pivotLabels?: boolean | undefined;
}

interface Reading {
  folder: string;
  prompts: PromptSet;
  split: Split | undefined;
  /** of every language that was asked for, those of other shards included */
  findings: readonly Finding[];
}

/** The label of every item of the pivot by its name; none where the task is not parallel or has no such file. */
async function pivotLabels(task: Task, { folder, prompts, split }: Reading): Promise<Map<string, string>> {
  if (task.kind !== "choice" || !task.parallel || !task.languages.includes("en")) return new Map();
  const { rows } = await task.rows({ folder, language: "en", prompts, split });
  return new Map(rows.flatMap(({ id, label }) => (label < 0 ? [] : [[id, task.labels[label]!]])));
}

/** A task's units with what is doubtful of them. */
export async function withDoubts(
  task: Task,
  units: readonly EvaluationUnit[],
  { drop = [], pivotLabels: relabel }: DoubtOptions,
  reading: Reading,
): Promise<EvaluationUnit[]> {
  const labels = relabel ? await pivotLabels(task, reading) : new Map<string, string>();
  return units.map((unit) => {
    const where = { task: task.name, language: unit.language, everywhere: task.parallel };
    const doubts: Doubts = {
      ...(drop.length > 0 && { without: { rules: drop, ids: droppedItems(reading.findings, drop, where) } }),
      ...(labels.size > 0 &&
        unit.kind === "choice" && {
          pivotLabels: new Map([...labels].map(([id, label]) => [id, unit.labels.indexOf(label)])),
        }),
    };
    return { ...unit, doubts };
  });
}
