import { language } from "../text/languages.ts";
import type { Source } from "../text/source.ts";
import { type Demonstrations, demonstrations } from "./demonstrations.ts";
import type { TaskRow } from "./row.ts";

/** Named sets of prompts: ours, and those of lm-evaluation-harness 0.4.13 to the letter. */
export type PromptSet = "interlingua" | "harness";
export type Split = "dev" | "test";

export interface TaskRows {
  rows: TaskRow[];
  /** rows left out because they have no translation */
  skipped: number;
  source: Source;
}

/** One item, ready to score: a context and a continuation per choice. */
export interface ChoiceExample {
  id: string;
  label: number;
  requests: { context: string; continuation: string }[];
}

export interface ChoiceExamples {
  examples: ChoiceExample[];
  labels: readonly string[];
  skipped: number;
  sources: Source[];
}

export interface ExampleOptions {
  /** folder with one subfolder per task */
  folder: string;
  /** in any spelling */
  language: string;
  /** default: test where it is there, else dev */
  split?: Split | undefined;
  /** demonstrations before each item */
  shots: number;
  /** of the demonstrations */
  seed: number;
  /** items at most, from the top */
  limit?: number | undefined;
  prompts: PromptSet;
}

/** What a multiple-choice task is made of. */
export interface TaskParts {
  name: string;
  /** codes */
  languages: readonly string[];
  /** names of the choices, in their order */
  labels: readonly string[];
  /** @throws Error naming file and line of what is not as expected; undefined where the split has no file */
  read(folder: string, code: string, split: Split, prompts: PromptSet): TaskRows | undefined;
  /** the whole text of each choice */
  choices(row: TaskRow, code: string, prompts: PromptSet): string[];
  /** what stands between prompt and choice, also where the prompt is empty */
  delimiter(prompts: PromptSet): string;
  /** what `read` looks for, for messages */
  layouts: string;
}

export interface ChoiceTask extends TaskParts {
  /**
   * The items of a language as requests, with the demonstrations in their contexts. Demonstrations are the same items for
   * every language of a parallel task and are never evaluated.
   * @throws Error when the task lacks the language, or its files are absent or not as expected
   */
  examples(options: ExampleOptions): Promise<ChoiceExamples>;
}

/** A task from its parts. */
export function choiceTask(parts: TaskParts): ChoiceTask {
  return { ...parts, examples: async (options) => examples(parts, options) };
}

function examples(task: TaskParts, options: ExampleOptions): ChoiceExamples {
  const { code } = language(options.language);
  if (!task.languages.includes(code))
    throw new Error(`${task.name} has no ${code}. It has ${task.languages.join(", ")}.`);
  const { rows, pool, skipped, sources } = rowsAndPool(task, code, options);
  const delimiter = task.delimiter(options.prompts);
  const choices = (row: TaskRow) => task.choices(row, code, options.prompts);
  const shown: Demonstrations = demonstrations(pool, { ...options, task: task.name, labels: task.labels });
  const context = shown.rows.map((row) => `${delimiter}${choices(row)[row.label]}\n\n`).join("");
  const evaluated = rows.filter((row) => !(pool === rows && shown.ids.has(row.id))).slice(0, options.limit);
  return {
    examples: evaluated.map((row) => ({
      id: row.id,
      label: row.label,
      requests: choices(row).map((choice) => ({ context, continuation: delimiter + choice })),
    })),
    labels: task.labels,
    skipped,
    sources,
  };
}

/** The rows to evaluate, and those to choose demonstrations from: the dev split's, which can be the same rows. */
function rowsAndPool(task: TaskParts, code: string, { folder, split, shots, prompts }: ExampleOptions) {
  const splits: Split[] = split ? [split] : ["test", "dev"];
  for (const name of splits) {
    const read = task.read(folder, code, name, prompts);
    if (!read) continue;
    const { rows, skipped, source } = read;
    if (rows.length === 0) throw new Error(`${source.path}: no row of ${task.name} in ${code}.`);
    const dev = name === "test" && shots > 0 ? task.read(folder, code, "dev", prompts) : undefined;
    return { rows, pool: dev?.rows ?? rows, skipped, sources: dev ? [source, dev.source] : [source] };
  }
  throw new Error(`${folder}: no ${splits.join(" or ")} file of ${task.name} in ${code}. Expected ${task.layouts}.`);
}
