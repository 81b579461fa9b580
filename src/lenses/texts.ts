import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { findFloresLines, readFloresLines } from "../tasks/flores.ts";
import { choiceTasks } from "../tasks/index.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import { language, languages } from "../text/languages.ts";

/** Parallel texts by language, the pivot first: entry i means the same in every language. */
export interface ParallelTexts {
  texts: ReadonlyMap<string, string[]>;
  sources: DataSource[];
}

export interface TextOptions {
  /** folder with one subfolder per data set in an official layout */
  data: string;
  /** any spelling; all that are there by default, English first */
  languages?: readonly string[] | undefined;
  /** texts per language, from the top */
  limit?: number | undefined;
  /** take a task's prompts, demonstrations included, instead of FLORES lines */
  task?: string | undefined;
  shots: number;
  prompts: PromptSet;
  seed: number;
}

/** FLORES-200 lines of the languages, or those that the folder has. */
function floresTexts({ data, languages: asked, limit }: TextOptions): ParallelTexts {
  const codes = asked?.map((spelling) => language(spelling).code) ?? presentLanguages(data);
  if (codes.length === 0)
    throw new UsageError(`${data}: no FLORES-200 file. Expected flores200/eng_Latn.devtest and others.`);
  const read = codes.map((code) => [code, readFloresLines(data, code, { limit })] as const);
  return {
    texts: new Map(read.map(([code, { lines }]) => [code, lines])),
    sources: read.map(([, { source }]) => source),
  };
}

const presentLanguages = (data: string): string[] =>
  [...new Set(["en", ...languages.map(({ code }) => code)])].filter((code) =>
    findFloresLines(data, code, { limit: 1 }),
  );

/** The prompts of a parallel task: what stands before the answer. */
async function promptTexts(options: TextOptions, name: string): Promise<ParallelTexts> {
  const { data, limit, shots, prompts, seed } = options;
  const task = Object.hasOwn(choiceTasks, name) ? choiceTasks[name as keyof typeof choiceTasks] : undefined;
  if (task === undefined || !task.parallel)
    throw new UsageError(
      `--task: ${name} is not a task with parallel prompts. Expected one of ${Object.entries(choiceTasks)
        .filter(([, each]) => each.parallel)
        .map(([each]) => each)
        .join(", ")}.`,
    );
  const texts = new Map<string, string[]>();
  const sources: DataSource[] = [];
  for (const spelling of options.languages ?? task.languages) {
    const { code } = language(spelling);
    const read = await task.examples({
      folder: data,
      language: code,
      shots,
      seed,
      prompts,
      labelMode: "same-language",
      ...(limit !== undefined && { limit }),
    });
    texts.set(
      code,
      read.examples.map(({ requests }) => requests[0]!.context),
    );
    sources.push(...read.sources);
  }
  return { texts, sources };
}

/**
 * Reads what a lens looks at.
 * @throws Error when a file is absent or the languages have different numbers of texts
 */
export async function readTexts(options: TextOptions): Promise<ParallelTexts> {
  const found = options.task === undefined ? floresTexts(options) : await promptTexts(options, options.task);
  const counts = new Map([...found.texts].map(([code, texts]) => [texts.length, code]));
  if (counts.size > 1)
    throw new UsageError(
      `The texts are not parallel: ${[...counts].map(([count, code]) => `${count} in ${code}`).join(", ")}.`,
    );
  return found;
}
