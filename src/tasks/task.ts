import { language } from "../text/languages.ts";
import type { Source } from "../text/source.ts";
import { draw } from "./draw.ts";
import type { Finding } from "./finding.ts";
import {
  type ChoiceExample,
  type ChoicePrompt,
  demonstrationText,
  type PromptSet,
  type Scoring,
  toExample,
} from "./prompt.ts";
import type { Split, TaskRow } from "./row.ts";
import type { TaskRows } from "./rows.ts";
import type { ExampleOptions, PromptOptions, TaskParts } from "./task-parts.ts";

export interface ChoiceExamples {
  examples: ChoiceExample[];
  /** names of the choices in their order */
  labels: readonly string[];
  scoring: Scoring;
  /** what continuations begin with before the choice itself */
  delimiter: string;
  labelTokens?: NonNullable<ChoicePrompt["labelTokens"]>;
  /** items left out because they have no translation or no known label */
  skipped: number;
  sources: Source[];
  /** where the files did not have what the prompt set asks for */
  findings: Finding[];
}

type PromptChoice = Pick<ExampleOptions, "language" | "prompts" | "labelMode" | "promptLanguage" | "afpForm">;

export interface ChoiceTask extends TaskParts {
  kind: "choice";
  promptSets: readonly PromptSet[];
  /**
   * The items of a language as requests, with the demonstrations in their contexts. Our own demonstrations are the same items for
   * every language of a parallel task and are never evaluated.
   * @throws Error when the task lacks the language or prompt set, or its files are absent or not as expected
   */
  examples(options: ExampleOptions): Promise<ChoiceExamples>;
  /** Every row of the split that is evaluated, also those that `examples` leaves out. */
  rows(
    options: Pick<ExampleOptions, "folder" | "language" | "split" | "prompts">,
  ): Promise<TaskRows & { split: Split }>;
  prompt(options: PromptChoice): ChoicePrompt;
  /** what continuations begin with in a language (default: the first) before the choice itself */
  delimiter(prompts: PromptSet, language?: string): string;
}

/** A task from its parts. */
export function choiceTask(parts: TaskParts): ChoiceTask {
  const prompt: ChoiceTask["prompt"] = (options) => promptOf(parts, options);
  return {
    ...parts,
    kind: "choice",
    promptSets: Object.keys(parts.prompts) as PromptSet[],
    examples: (options) => examples(parts, options),
    rows: async (options) => {
      const { split, rows } = await evaluatedRows(parts, options);
      return { ...rows, split };
    },
    prompt,
    delimiter: (prompts, code = parts.languages[0]!) => prompt({ prompts, language: code }).delimiter,
  };
}

/** The code of a language that the task has. */
function ownLanguage({ name, languages }: Pick<TaskParts, "name" | "languages">, spelling: string): string {
  const { code } = language(spelling);
  if (languages.includes(code)) return code;
  throw new Error(`${name} has no ${code}. It has ${languages.join(", ")}.`);
}

function promptOptions(task: TaskParts, options: PromptChoice): PromptOptions {
  const { labelMode = "english", promptLanguage = "en", afpForm = "paper" } = options;
  const code = ownLanguage(task, options.language);
  return { code, labelMode, promptLanguage: language(promptLanguage).code, afpForm };
}

function promptOf(task: TaskParts, options: PromptChoice): ChoicePrompt {
  const make = task.prompts[options.prompts];
  if (make) return make(promptOptions(task, options));
  throw new Error(`${task.name} has no ${options.prompts} prompts. It has ${Object.keys(task.prompts).join(", ")}.`);
}

async function examples(task: TaskParts, options: ExampleOptions): Promise<ChoiceExamples> {
  const { prompts, limit } = options;
  const prompt = promptOf(task, options);
  const { split, rows: all } = await evaluatedRows(task, options);
  const usable = (row: TaskRow) => isUsable(task, row, prompts);
  const rows = all.rows.filter(usable);
  if (rows.length === 0) throw new Error(`${all.sources[0]!.path}: no row of ${task.name} in ${options.language}.`);
  const labels = prompt.labels ?? task.labels;
  const label = (row: TaskRow) => (row.label < 0 ? -1 : labels.indexOf(task.labels[row.label]!));
  const drawn = await draw(task, options, { ...promptOptions(task, options), split, rows, usable });
  const text = (row: TaskRow) => demonstrationText(prompt, row, label(row));
  // in the order of the file, because the harness' generator runs on from item to item
  const asked = drawn.rows.slice(0, limit).map((row) => ({ row, before: drawn.before(row, text) }));
  return {
    examples: drawn.ordered(asked).map(({ row, before }) => toExample(prompt, row, label(row), before)),
    labels,
    scoring: prompt.scoring,
    delimiter: prompt.delimiter,
    ...(prompt.labelTokens && { labelTokens: prompt.labelTokens }),
    skipped: all.rows.length - rows.length,
    sources: [...all.sources, ...drawn.sources],
    findings: [...drawn.findings, ...limitFindings(task, options, rows, asked)],
  };
}

/** Files can be sorted by label, as SIB-200's are, so that the first items are not a sample. */
function limitFindings(
  task: TaskParts,
  options: ExampleOptions,
  rows: readonly TaskRow[],
  asked: readonly { row: TaskRow }[],
): Finding[] {
  const [all, some] = [new Set(rows.map(({ label }) => label)).size, new Set(asked.map(({ row }) => row.label)).size];
  if (options.limit === undefined || some === all) return [];
  const { code } = language(options.language);
  return [
    {
      check: "limit-leaves-labels-out",
      task: task.name,
      language: code,
      severity: "warning",
      items: [],
      message: `The limit of ${asked.length} takes items with ${some} of the file's ${all} labels. Take more items, or all.`,
    },
  ];
}

/** Only the published question-translation code scores items whose label it does not know: they can never be right. */
const isUsable = (task: TaskParts, row: TaskRow, prompts: PromptSet): boolean =>
  (row.label >= 0 || prompts === "question-translation") && !task.leftOut?.(row, prompts);

/** The rows of the first of the splits that has a file. */
async function evaluatedRows(
  task: TaskParts,
  options: Pick<ExampleOptions, "folder" | "language" | "split" | "prompts">,
): Promise<{ split: Split; rows: TaskRows }> {
  const code = ownLanguage(task, options.language);
  const { folder, split, prompts } = options;
  const first: Split[] = prompts === "harness" && task.harness ? [task.harness.evaluated] : [];
  const splits: Split[] = split ? [split] : [...new Set<Split>([...first, "test", "dev"])];
  for (const name of splits) {
    const rows = await task.read(folder, code, name);
    if (rows) return { split: name, rows };
  }
  throw new Error(`${folder}: no ${splits.join(" or ")} file of ${task.name} in ${code}. Expected ${task.layouts}.`);
}
