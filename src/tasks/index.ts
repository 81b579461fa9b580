import { pawsx } from "./pawsx.ts";
import type { ChoiceTask } from "./task.ts";
import { xnli } from "./xnli.ts";

/** Every multiple-choice task by name; a new one is a file and a line here. */
export const choiceTasks = { xnli, pawsx } satisfies Record<string, ChoiceTask>;

export type ChoiceTaskName = keyof typeof choiceTasks;
