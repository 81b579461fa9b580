import { language } from "../text/languages.ts";
import { idFindings, type ParallelRows, parallelFindings } from "./checks-parallel.ts";
import { promptFindings } from "./checks-prompts.ts";
import { scriptFindings } from "./checks-script.ts";
import type { Finding } from "./finding.ts";
import type { GenerationOptions, GenerationTask } from "./generation.ts";
import type { AnsweredRow, Split } from "./row.ts";
import type { ChoiceTask } from "./task.ts";
import type { ExampleOptions } from "./task-parts.ts";

export interface CheckOptions
  extends Pick<ExampleOptions, "folder" | "split" | "prompts" | "labelMode" | "promptLanguage" | "afpForm"> {
  /** in any spelling */
  languages: readonly string[];
  /** what the others are compared with; default English where the data have it, else the first language */
  pivot?: string | undefined;
}

/**
 * What is wrong with the data and prompts of a task before anything is scored: labels and ids against the pivot, items without
 * translation or in another script, prompts whose choices are one text.
 * @throws Error when a language's files are absent or not as expected
 */
export async function checkChoiceTask(task: ChoiceTask, options: CheckOptions): Promise<Finding[]> {
  const sets = await Promise.all(
    options.languages.map(async (spelling): Promise<SplitRows> => {
      const { rows, split } = await task.rows({ ...options, language: spelling });
      return { code: language(spelling).code, rows, split };
    }),
  );
  const findings = sets.flatMap(({ code, rows }) => {
    const translated = rows.filter((row) => !task.untranslated?.(row));
    const prompt = task.prompt({ ...options, language: code });
    return [
      ...promptFindings({ task: task.name, code, rows: translated, prompt }),
      ...scriptFindings({ task: task.name, code, rows: translated, texts: task.texts }),
    ];
  });
  if (!task.parallel) return findings;
  const pivot = await pivotOf(task, options, sets);
  return [...findings, ...sets.flatMap((set) => parallelFindings(task, set, pivot))];
}

interface SplitRows extends ParallelRows {
  split: Split;
}

/** English is the pivot where the user has its file, but nobody needs it. */
async function pivotOf(
  task: ChoiceTask,
  { folder, pivot }: CheckOptions,
  sets: readonly SplitRows[],
): Promise<ParallelRows> {
  const code = pivot === undefined ? "en" : language(pivot).code;
  const first = sets[0]!;
  const known = sets.find((set) => set.code === code);
  if (known || (pivot === undefined && !task.languages.includes(code))) return known ?? first;
  const read = await task.read(folder, code, first.split);
  if (read) return { code, rows: read.rows };
  if (pivot === undefined) return first;
  throw new Error(
    `${folder}: no ${first.split} file of ${task.name} in ${code} to compare with. Expected ${task.layouts}.`,
  );
}

/** The same of a generation task: ids, and the answers where they are the same in every language. */
export async function checkGenerationTask(
  task: GenerationTask,
  options: Pick<GenerationOptions, "folder" | "split"> & Pick<CheckOptions, "languages" | "pivot">,
): Promise<Finding[]> {
  if (task.pairs || !task.parallel) return [];
  const splits = options.split ? [options.split] : [task.harness.evaluated];
  const read = async (spelling: string) => {
    const { code } = language(spelling);
    const found = await Promise.all(splits.map((split) => task.read(options.folder, { code }, split)));
    return { code, rows: found.flatMap((set) => set?.rows ?? []) };
  };
  const sets = await Promise.all(options.languages.map(read));
  const pivotCode = language(options.pivot ?? "en").code;
  const pivot = sets.find(({ code }) => code === pivotCode) ?? sets[0]!;
  return sets
    .filter(({ code }) => code !== pivot.code)
    .flatMap((set) => [
      ...idFindings(task.name, set, pivot),
      ...(task.sameAnswers ? answerFindings(task.name, set, pivot) : []),
    ]);
}

interface AnsweredSet {
  code: string;
  rows: readonly AnsweredRow[];
}

function answerFindings(task: string, { code, rows }: AnsweredSet, pivot: AnsweredSet): Finding[] {
  const wanted = new Map(pivot.rows.map(({ id, answers }) => [id, answers.join("\n")]));
  const differing = rows.filter(({ id, answers }) => wanted.has(id) && wanted.get(id) !== answers.join("\n"));
  if (differing.length === 0) return [];
  return [
    {
      check: "answers-differ",
      task,
      language: code,
      severity: "error",
      items: differing.map(({ id }) => id),
      message: `${differing.length} answers differ from ${pivot.code}, though the items are translations.`,
    },
  ];
}
