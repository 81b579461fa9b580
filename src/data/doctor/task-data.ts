import { checkChoiceTask, checkGenerationTask } from "../../tasks/checks.ts";
import type { EvaluatedTexts } from "../../tasks/checks-overlap.ts";
import type { Finding } from "../../tasks/finding.ts";
import { type Task, tasks } from "../../tasks/index.ts";
import type { DataFinding } from "./finding.ts";

/** The data of tasks: what is wrong with it, and texts that must not be trained on. */
export interface TaskData {
  findings: DataFinding[];
  texts: EvaluatedTexts[];
  /** rows per task and language */
  read: { task: string; language: string; rows: number }[];
}

/**
 * Reads the evaluated split of tasks in every language that the folder has, and checks labels and ids against the pivot, items without
 * translation, scripts and prompts.
 * @throws Error when a task is not known or has no file there
 */
export async function taskData(names: readonly string[], folder: string): Promise<TaskData> {
  const data: TaskData = { findings: [], texts: [], read: [] };
  for (const name of names) {
    const task = tasks[name];
    if (!task) throw new Error(`${name}: no such task. There are ${Object.keys(tasks).join(", ")}.`);
    const own = await textsOf(task, folder);
    if (own.length === 0) throw new Error(`${folder}: no file of ${name}. Expected ${task.layouts}.`);
    data.texts.push(...own);
    data.read.push(...own.map(({ language, rows }) => ({ task: name, language, rows: rows.length })));
    const languages = own.map(({ language }) => language);
    const findings =
      task.kind === "choice"
        ? await checkChoiceTask(task, { folder, languages, prompts: task.promptSets[0]! })
        : await checkGenerationTask(task, { folder, languages });
    data.findings.push(...findings.map(asDataFinding));
  }
  return data;
}

/** Test where it is there, else dev. */
async function textsOf(task: Task, folder: string): Promise<EvaluatedTexts[]> {
  const found: EvaluatedTexts[] = [];
  if (task.kind === "generation" && task.pairs) return found;
  for (const code of task.languages)
    for (const split of ["test", "dev"] as const) {
      const read =
        task.kind === "choice" ? await task.read(folder, code, split) : await task.read(folder, { code }, split);
      if (!read) continue;
      const texts = task.kind === "choice" ? task.texts : undefined;
      found.push({ task: task.name, language: code, rows: read.rows, texts });
      break;
    }
  return found;
}

export const asDataFinding = ({ check, severity, task, language, items, message }: Finding): DataFinding => ({
  ...{ check, severity, file: task, language, count: items.length, message },
  examples: items.slice(0, 5).map((place) => ({ place, text: "" })),
});
