import type { ChoiceExample } from "../eval/multiple-choice.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { readFloresLines } from "../tasks/flores.ts";
import { type ChoiceTaskName, choiceTasks } from "../tasks/index.ts";
import { language } from "../text/languages.ts";
import { resolvePath } from "./read.ts";
import type { EvaluateSettings } from "./schema.ts";

/** The examples of one row group of results.json. */
export interface ChoiceSet {
  task: ChoiceTaskName;
  language: string;
  shots: number;
  seed: number;
  examples: ChoiceExample[];
  labels: readonly string[];
  delimiter: string;
}

/** Everything that is measured, read before any work, so that bad input costs nothing. */
export interface EvaluationData {
  choices: ChoiceSet[];
  /** parallel lines by language; the first is the pivot of the similarity pairs */
  flores: Map<string, string[]>;
  sources: DataSource[];
}

/** The value for a task: one for all, or task → value. */
function of<T>(value: T | Record<string, T> | undefined, task: string): T | undefined {
  const byTask = typeof value === "object" && value !== null && !Array.isArray(value);
  return byTask ? (value as Record<string, T>)[task] : (value as T | undefined);
}

/** Codes of the languages that a task is measured in, in the recipe's order. */
function languagesFor(settings: EvaluateSettings, task: string): string[] {
  const asked = (of<string[]>(settings.languages as string[] | Record<string, string[]>, task) ?? []).map(
    (spelling) => language(spelling).code,
  );
  if (task === "flores") return asked;
  const has = choiceTasks[task as ChoiceTaskName].languages;
  const shared = asked.filter((code) => has.includes(code));
  if (shared.length === 0)
    throw new UsageError(
      `evaluate.languages: ${task} has none of ${asked.join(", ") || "(none given)"}; it has ${has.join(", ")}.`,
    );
  return shared;
}

function checkTasks(settings: EvaluateSettings): void {
  const known = [...Object.keys(choiceTasks), "flores"];
  const unknown = settings.tasks.filter((task) => !known.includes(task));
  if (unknown.length > 0)
    throw new UsageError(`evaluate.tasks: unknown task ${unknown.join(", ")}; known: ${known.join(", ")}.`);
  if (settings.lenses.length > 0 && !settings.tasks.includes("flores"))
    throw new UsageError("evaluate.lenses: lenses read the flores lines, so flores must be among evaluate.tasks.");
}

async function readChoices(
  settings: EvaluateSettings,
  task: ChoiceTaskName,
  folder: string,
  sources: DataSource[],
): Promise<ChoiceSet[]> {
  const limit = of<number>(settings.limit, task);
  const delimiter = choiceTasks[task].delimiter(settings.prompts);
  const sets: ChoiceSet[] = [];
  for (const code of languagesFor(settings, task)) {
    for (const shots of settings.shots) {
      // without demonstrations there is nothing for a seed to choose
      for (const seed of shots === 0 ? settings.seeds.slice(0, 1) : settings.seeds) {
        const read = await choiceTasks[task].examples({
          folder,
          language: code,
          shots,
          seed,
          prompts: settings.prompts,
          ...(limit !== undefined && { limit }),
        });
        sources.push(...read.sources);
        sets.push({ task, language: code, shots, seed, examples: read.examples, labels: read.labels, delimiter });
      }
    }
  }
  return sets;
}

/** Reads and checks all that a recipe measures. */
export async function readEvaluationData(settings: EvaluateSettings): Promise<EvaluationData> {
  checkTasks(settings);
  const folder = resolvePath(settings.data, "evaluate.data");
  const data: EvaluationData = { choices: [], flores: new Map(), sources: [] };
  for (const task of settings.tasks) {
    if (task !== "flores") {
      data.choices.push(...(await readChoices(settings, task as ChoiceTaskName, folder, data.sources)));
      continue;
    }
    const limit = of<number>(settings.limit, "flores");
    for (const code of languagesFor(settings, "flores")) {
      const { lines, source } = await readFloresLines(folder, code, limit === undefined ? {} : { limit });
      data.flores.set(code, lines);
      data.sources.push(source);
    }
    const counts = new Set([...data.flores.values()].map((lines) => lines.length));
    if (counts.size > 1)
      throw new UsageError(
        `${folder}: the flores files have different numbers of lines (${[...counts].join(", ")}), so they are not parallel.`,
      );
  }
  return data;
}
