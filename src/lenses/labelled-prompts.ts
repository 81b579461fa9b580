import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { findTask } from "../tasks/find-task.ts";
import { choiceTasks } from "../tasks/index.ts";
import type { ChoiceExample } from "../tasks/prompt.ts";
import type { ChoiceTask } from "../tasks/task.ts";
import type { TextPair } from "../text/encode-pair.ts";
import { language } from "../text/languages.ts";
import { readRecords, readSource, textField } from "../text/source.ts";
import type { LabelledPrompt, LabelledPrompts } from "./label-curves.ts";
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
      `--task: ${name} has no prompts that end where a label begins. Expected one of ${usable.map(([each]) => each).join(", ")}, a task file (.yaml), or --items with prompts of your own.`,
    );
  const { data: folder, limit, shots, seed } = options;
  const found: LabelledTexts = { sets: [], sources: [] };
  for (const spelling of options.languages ?? task.languages) {
    const { code } = language(spelling);
    const asked = { folder, language: code, shots, seed, prompts: "question-translation" } as const;
    const own = await task.examples({ ...asked, labelMode: "same-language", limit });
    const pivot = await task.examples({ ...asked, labelMode: "english", limit: 1 });
    const [words, english] = [own.examples[0]!.choices, pivot.examples[0]!.choices];
    found.sets.push({
      language: code,
      items: own.examples
        .filter(({ label }) => label >= 0)
        .map(({ requests, label }) => ({ prompt: requests[0]!.context, gold: label, words, english })),
    });
    found.sources.push(...own.sources);
  }
  return found;
}

/** Items of one language as prompts, with the choices of the same items in English. */
function besideEnglish(
  { name }: ChoiceTask,
  code: string,
  items: readonly ChoiceExample[],
  english: readonly ChoiceExample[],
): LabelledPrompt[] {
  const pivot = new Map(english.map((item) => [item.id, item] as const));
  return items.map(({ id, requests, label, choices }) => {
    const other = pivot.get(id);
    if (other === undefined || other.label !== label || other.choices.length !== choices.length)
      throw new UsageError(
        `${name} ${code}, item ${id}: expected the same item with the same right choice in English, ${other === undefined ? "there is none" : "its choices differ"}.`,
      );
    const [{ context: prompt }] = requests as [TextPair];
    if (requests.some(({ context }) => context !== prompt))
      throw new UsageError(`${name}: its prompts differ between choices, so they do not end where a label begins.`);
    return { prompt, gold: label, words: choices, english: other.choices };
  });
}

/** The prompts of a task file of the user's, whose items are the same in English. */
async function ownTaskPrompts(path: string, options: TextOptions): Promise<LabelledTexts> {
  const task = await findTask(path);
  if (task.kind !== "choice") throw new UsageError(`--task: ${path} has no choices (kind: ${task.kind}).`);
  const { data: folder, limit, shots, seed } = options;
  const read = (code: string, most?: number) =>
    task.examples({ folder, language: code, shots, seed, prompts: "interlingua", limit: most });
  const english = await read("en");
  const found: LabelledTexts = { sets: [], sources: [] };
  for (const spelling of options.languages ?? task.languages) {
    const { code } = language(spelling);
    const { examples, sources } = await read(code, limit);
    found.sets.push({ language: code, items: besideEnglish(task, code, examples, english.examples), distinct: true });
    found.sources.push(...sources);
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
  const sets = new Map<string, LabelledPrompt[]>();
  for (const { record, place } of readRecords(file)) {
    const { code } = language(textField(record, "language", place));
    const own = words(record.words, place, "words");
    const english = words(record.english, place, "english");
    if (own.length !== english.length) throw new UsageError(`${place}: words differ from english in number.`);
    const gold = record.gold;
    if (typeof gold !== "number" || own[gold] === undefined)
      throw new UsageError(`${place}: expected gold, the index of the right label (0 to ${own.length - 1}).`);
    const item = { prompt: textField(record, "prompt", place), gold, words: own, english };
    sets.set(code, [...(sets.get(code) ?? []), item]);
  }
  const wanted = asked?.map((spelling) => language(spelling).code);
  const kept = [...sets]
    .map(([code, items]): LabelledPrompts => ({ language: code, items, distinct: true }))
    .filter((set) => wanted === undefined || wanted.includes(set.language));
  if (kept.length === 0) throw new UsageError(`${path}: no prompts in ${wanted?.join(", ")}.`);
  return { sets: kept, sources: kept.map((set) => file.source("prompts", set.items.length, set.language)) };
}

/** Reads prompts for the four curves from a file of the user's, or from a task. */
export const labelledPrompts = async (
  options: TextOptions & { items?: string | undefined },
): Promise<LabelledTexts | undefined> => {
  if (options.items !== undefined) return filePrompts(options.items, options.languages);
  const { task } = options;
  if (task === undefined) return undefined;
  return /\.ya?ml$/.test(task) ? ownTaskPrompts(task, options) : taskPrompts(task, options);
};
