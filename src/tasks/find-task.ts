import { editDistance } from "../text/edit-distance.ts";
import { type Task, tasks } from "./index.ts";

/**
 * The task of a name, or of a user's own task file (.yaml, .yml).
 * @throws Error naming the nearest task, or file, line and column of what is wrong in the file
 */
export async function findTask(text: string): Promise<Task> {
  if (/\.ya?ml$/.test(text)) {
    const { loadOwnTask } = await import("./own-task.ts");
    const own = loadOwnTask(text);
    if (tasks[own.name] === undefined && own.name !== "flores") return own;
    throw new Error(`${text}: name: ${own.name} is a task already. Give it another name, so that results do not mix.`);
  }
  const task = tasks[text];
  if (task) return task;
  const names = [...Object.keys(tasks), "flores"];
  const nearest = names
    .map((name) => ({ name, distance: editDistance(text, name) }))
    .sort((a, b) => a.distance - b.distance)[0]!;
  const hint = nearest.distance <= 3 ? ` Did you mean ${nearest.name}?` : "";
  throw new Error(`There is no task ${text}.${hint} There are ${names.join(", ")}, and task files (.yaml).`);
}
