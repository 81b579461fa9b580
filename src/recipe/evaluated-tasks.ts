import { UsageError } from "../run/errors.ts";
import { findTask } from "../tasks/find-task.ts";
import type { Task } from "../tasks/index.ts";
import { language } from "../text/languages.ts";
import { expandVariables } from "./read.ts";
import type { EvaluateSettings } from "./schema.ts";

/** The value for a task: one for all, or task → value. */
export function settingFor<T>(value: T | Record<string, T> | undefined, task: string): T | undefined {
  const byTask = typeof value === "object" && value !== null && !Array.isArray(value);
  return byTask ? (value as Record<string, T>)[task] : (value as T | undefined);
}

const isPair = (spelling: string): boolean => {
  const parts = spelling.split(/[-–>]+/);
  return parts.length === 2 && parts[1]!.length >= 2 && !/^[A-Z][a-z]{3}$|^[A-Z]{2}$/.test(parts[1]!);
};

/** Codes of the languages (or pairs) that a task is measured in, in the order asked for. */
export function languagesFor(settings: EvaluateSettings, name: string, task: Task | undefined): string[] {
  const spellings = settingFor<string[]>(settings.languages as string[] | Record<string, string[]>, name) ?? [];
  const given = spellings.join(", ") || "(none given)";
  if (task?.kind === "generation" && task.pairs) {
    const pairs = spellings.filter(isPair).map((pair) =>
      pair
        .split(/[-–>]+/)
        .map((part) => language(part).code)
        .join("-"),
    );
    if (pairs.length > 0) return [...new Set(pairs)];
    throw new UsageError(`evaluate.languages: ${name} wants pairs such as de-en, received ${given}.`);
  }
  const asked = [
    ...new Set(spellings.filter((spelling) => !isPair(spelling)).map((spelling) => language(spelling).code)),
  ];
  if (task === undefined) return asked;
  const shared = asked.filter((code) => task.languages.includes(code));
  if (shared.length > 0) return shared;
  throw new UsageError(
    `evaluate.languages: ${name} has none of ${asked.join(", ") || given}; it has ${task.languages.join(", ")}.`,
  );
}

/** The tasks asked for, by name; undefined stands for the FLORES lines. */
export async function resolveTasks(settings: EvaluateSettings): Promise<Map<string, Task | undefined>> {
  const found = new Map<string, Task | undefined>();
  for (const given of settings.tasks) {
    const name = expandVariables(given, "evaluate.tasks");
    try {
      const task = name === "flores" ? undefined : await findTask(name);
      found.set(task?.name ?? name, task);
    } catch (cause) {
      throw new UsageError(`evaluate.tasks: ${(cause as Error).message}`, { cause });
    }
  }
  for (const [name, task] of found)
    if (task && !task.promptSets.includes(settings.prompts))
      throw new UsageError(
        `evaluate.prompts: ${name} has no ${settings.prompts} prompts; it has ${task.promptSets.join(", ")}.`,
      );
  if (settings.lenses.length > 0 && !found.has("flores"))
    throw new UsageError("evaluate.lenses: lenses read the flores lines, so flores must be among evaluate.tasks.");
  return found;
}
