import { choiceTasks, type Task, tasks } from "../../tasks/index.ts";
import type { Split } from "../../tasks/row.ts";
import { fill, placeholders } from "../../tasks/template.ts";
import type { Source } from "../../text/source.ts";
import { type Tally, tally } from "../left-out.ts";
import type { Question, Questions } from "./questions.ts";

export interface TaskQuestionOptions {
  /** folder with one subfolder per task */
  folder: string;
  split: Split;
  /** the source languages' codes */
  codes: readonly string[];
  target: string;
  /** the released words around the fields (`Premise: … Answer: "`) where they are known in both languages, or the fields alone */
  scaffold: "released" | "none";
}

/** Fields that make the question, where they are not all of a row's fields. */
const questionFields: Readonly<Record<string, readonly string[]>> = {
  xcopa: ["premise", "choice1", "choice2"],
  belebele: ["passage", "question"],
  mgsm: ["question"],
};

type Rows = { id: string; fields: Readonly<Record<string, string>> }[];

/**
 * The questions of a parallel task in several languages, joined by the items' ids; no answer is read.
 * @throws Error when there is no such parallel task, or it lacks a language or the split
 */
export async function taskQuestions(name: string, options: TaskQuestionOptions): Promise<Questions> {
  const task = tasks[name];
  if (!task?.parallel || (task.kind === "generation" && task.pairs))
    throw new Error(`${name}: no such task with parallel questions. There are ${parallelTasks().join(", ")}.`);
  const left = tally();
  const sources: Source[] = [];
  const read = async (code: string): Promise<Rows> => {
    const found = await rowsOf(task, options, code);
    if (!found)
      throw new Error(`${options.folder}: no ${options.split} file of ${name} in ${code}. Expected ${task.layouts}.`);
    sources.push(...found.sources);
    left.count(code, "no translation", found.untranslated);
    return found.rows;
  };
  const target = await read(options.target);
  const bySource = new Map<string, Question[]>();
  for (const code of options.codes) bySource.set(code, pair(name, await read(code), target, code, options, left));
  return { bySource, sources, leftOut: left.list() };
}

const parallelTasks = (): string[] =>
  Object.entries(tasks).flatMap(([name, task]) =>
    task.parallel && !(task.kind === "generation" && task.pairs) ? [name] : [],
  );

async function rowsOf(
  task: Task,
  { folder, split }: TaskQuestionOptions,
  code: string,
): Promise<{ rows: Rows; untranslated: number; sources: Source[] } | undefined> {
  if (task.kind === "generation") {
    const found = await task.read(folder, { code }, split);
    return found && { ...found, untranslated: 0 };
  }
  const found = await task.read(folder, code, split);
  const rows = found?.rows.filter((row) => !task.untranslated?.(row)) ?? [];
  return found && { rows, untranslated: found.rows.length - rows.length, sources: found.sources };
}

function pair(
  name: string,
  rows: Rows,
  target: Rows,
  code: string,
  { target: to, scaffold }: TaskQuestionOptions,
  left: Tally,
): Question[] {
  const fields = questionFields[name] ?? Object.keys(rows[0]?.fields ?? {});
  const released = [code, to].map((own) => (scaffold === "released" ? releasedScaffold(fields, own) : undefined));
  const plain = fields.map((field) => `{${field}}`).join("\n");
  const [ownTemplate, otherTemplate] = released.every((found) => found !== undefined) ? released : [plain, plain];
  const other = new Map(target.map((row) => [row.id, row]));
  const found = rows.filter(({ id }) => other.has(id));
  left.count(`${code}-${to}`, "no item with the same id", rows.length - found.length);
  return found.map((row) => ({
    text: fill(ownTemplate!, row.fields),
    translation: fill(otherTemplate!, other.get(row.id)!.fields),
  }));
}

/** The words of the paper's own tasks, for any task with the same fields: XNLI's items are put as SNLI's. */
function releasedScaffold(fields: readonly string[], code: string): string | undefined {
  for (const task of Object.values(choiceTasks)) {
    if (!task.promptSets.includes("question-translation") || !task.languages.includes(code)) continue;
    const { context } = task.prompt({ prompts: "question-translation", language: code });
    if (placeholders(context).sort().join() === [...fields].sort().join()) return context;
  }
  return undefined;
}
