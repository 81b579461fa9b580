import { choiceTasks } from "../tasks/index.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import { readEvaluationData } from "./evaluation-data.ts";
import { evaluateSettings } from "./schema.ts";

/** Where tasks are looked for, and how much of them is read. */
export interface TasksAtHand {
  folder: string;
  languages: readonly string[];
  /** items per language */
  items: number;
}

/** The languages among those asked for in which a task's files are there. */
async function languagesAtHand(name: string, { folder, languages }: TasksAtHand): Promise<string[]> {
  const task = choiceTasks[name as keyof typeof choiceTasks];
  const found: string[] = [];
  for (const code of languages.filter((each) => task.languages.includes(each)))
    try {
      await task.rows({ folder, language: code, prompts: "interlingua" });
      found.push(code);
    } catch {
      // not at hand, which is no fault of a diagnosis that takes what is there
    }
  return found;
}

/** The multiple-choice task whose files cover most of the languages, the first of equals; undefined where none covers two. */
export async function taskAtHand(place: TasksAtHand): Promise<string | undefined> {
  let best: string | undefined;
  let most = 1;
  for (const [name, task] of Object.entries(choiceTasks)) {
    if (!task.promptSets.includes("interlingua") || task.languages.length <= most) continue;
    const count = (await languagesAtHand(name, place)).length;
    if (count > most) [best, most] = [name, count];
  }
  return best;
}

/** The items of a task in the languages that its files have, without demonstrations. */
export async function readTaskAtHand(name: string, place: TasksAtHand): Promise<EvaluationData> {
  const languages = await languagesAtHand(name, place);
  return readEvaluationData(
    evaluateSettings.parse({ data: place.folder, tasks: [name], languages, limit: place.items, shots: [0] }),
  );
}
