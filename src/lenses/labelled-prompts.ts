import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { choiceTasks } from "../tasks/index.ts";
import { language } from "../text/languages.ts";
import { readRecords, readSource, textField } from "../text/source.ts";
import type { LabelledPrompts } from "./label-curves.ts";
import type { TextOptions } from "./texts.ts";

/** Prompts whose next word is a label, by language, and where they came from. */
export interface LabelledTexts {
  sets: LabelledPrompts[];
  sources: DataSource[];
}

/** The prompts of one of the question-translation paper's tasks, with labels in the prompt's language. */
async function taskPrompts(name: string, options: TextOptions): Promise<LabelledTexts> {
  const task = Object.hasOwn(choiceTasks, name) ? choiceTasks[name as keyof typeof choiceTasks] : undefined;
  const usable = Object.entries(choiceTasks).filter(([, each]) => each.promptSets.includes("question-translation"));
  if (task === undefined || !usable.some(([each]) => each === name))
    throw new UsageError(
      `--task: ${name} has no prompts that end where a label begins. Expected one of ${usable.map(([each]) => each).join(", ")}, or --items with prompts of your own.`,
    );
  const { data: folder, limit, shots, seed } = options;
  const found: LabelledTexts = { sets: [], sources: [] };
  for (const spelling of options.languages ?? task.languages) {
    const { code } = language(spelling);
    const asked = { folder, language: code, shots, seed, prompts: "question-translation" } as const;
    const own = await task.examples({ ...asked, labelMode: "same-language", limit });
    const english = await task.examples({ ...asked, labelMode: "english", limit: 1 });
    found.sets.push({
      language: code,
      items: own.examples
        .filter(({ label }) => label >= 0)
        .map(({ requests, label }) => ({ prompt: requests[0]!.context, gold: label })),
      words: own.examples[0]!.choices,
      english: english.examples[0]!.choices,
    });
    found.sources.push(...own.sources);
  }
  return found;
}

const words = (value: unknown, place: string, key: string): string[] => {
  if (Array.isArray(value) && value.length > 1 && value.every((word) => typeof word === "string" && word !== ""))
    return value;
  throw new UsageError(`${place}: expected ${key} with a word per label.`);
};

/** Prompts of the user's: JSON Lines of language, prompt, gold (an index), words and english (a word per label). */
function filePrompts(path: string, asked: readonly string[] | undefined): LabelledTexts {
  const file = readSource(path);
  const sets = new Map<
    string,
    { -readonly [K in keyof LabelledPrompts]: LabelledPrompts[K] } & { items: LabelledPrompts["items"][number][] }
  >();
  for (const { record, place } of readRecords(file)) {
    const { code } = language(textField(record, "language", place));
    const own = words(record.words, place, "words");
    const english = words(record.english, place, "english");
    const set = sets.get(code) ?? { language: code, items: [], words: own, english };
    if (set.words.join("\n") !== own.join("\n") || own.length !== english.length)
      throw new UsageError(
        `${place}: words differ from those of an earlier line in ${code}, or from english in number.`,
      );
    const gold = record.gold;
    if (typeof gold !== "number" || own[gold] === undefined)
      throw new UsageError(`${place}: expected gold, the index of the right label (0 to ${own.length - 1}).`);
    set.items.push({ prompt: textField(record, "prompt", place), gold });
    sets.set(code, set);
  }
  const wanted = asked?.map((spelling) => language(spelling).code);
  const kept = [...sets.values()].filter((set) => wanted === undefined || wanted.includes(set.language));
  if (kept.length === 0) throw new UsageError(`${path}: no prompts in ${wanted?.join(", ")}.`);
  return { sets: kept, sources: kept.map((set) => file.source("prompts", set.items.length, set.language)) };
}

/** Reads prompts for the four curves from a file of the user's, or from a task. */
export const labelledPrompts = async (
  options: TextOptions & { items?: string | undefined },
): Promise<LabelledTexts | undefined> => {
  if (options.items !== undefined) return filePrompts(options.items, options.languages);
  return options.task === undefined ? undefined : taskPrompts(options.task, options);
};
