import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSource } from "../text/source.ts";
import type { ChoicePrompt, LabelMode } from "./prompt.ts";
import { rowReader } from "./rows.ts";
import type { ChoiceTask } from "./task.ts";
import { choiceTask } from "./task.ts";
import type { PromptOptions, PublishedDemonstrations } from "./task-parts.ts";

/** A task of the question-translation paper, whose three tasks differ only in words and fields. */
export interface Published {
  name: string;
  /** names of the fields in the files */
  fields: readonly string[];
  /** code → the words that stand before each field (none for a text that stands alone) and before the label */
  scaffolds: Readonly<Record<string, readonly string[]>>;
  /** code → the labels' words; English in `en` */
  words: Readonly<Record<string, readonly string[]>>;
  /** words that have nothing to do with the task */
  agnostic?: readonly string[];
  /** start of the file names, and how many items they have: emotion, 500 */
  files: readonly [string, number];
  folders: readonly string[];
  script: string;
  shots: number;
  /** Thai words of the same-language mode begin alike; the code appends that and compares the rest */
  thai?: NonNullable<ChoicePrompt["labelTokens"]>;
}

const places = (folders: readonly string[]): string[] =>
  folders.flatMap((name) =>
    ["", "data", "question-translation", "question-translation/data"].map((at) => join(at, name)),
  );

/**
 * A task of the paper. Source: Shimao-Zhang/LLM-Multilingual-Learner 5605459, the evaluation scripts. The released test sets have no
 * licence: they, and the demonstrations in the scripts, are read from the user's copy.
 */
export function publishedTask(task: Published): ChoiceTask {
  const { name, words, files, scaffolds } = task;
  const labels = words.en!;
  const read = rowReader({
    task: name,
    labels,
    layout: {
      folders: places(task.folders),
      official: { test: [`${files[0]}_*${files[1]}_test.json`] },
    },
    format: { names: { ...Object.fromEntries(task.fields.map((field) => [field, [field]])), label: ["answer"] } },
    licence: "none stated: use, don't copy",
    label: ({ fields }, code) => {
      const given = fields.label!;
      const label = [words[code] ?? labels, labels].map((own) => own.indexOf(given)).find((index) => index >= 0);
      return label === undefined ? { label: -1, given } : { label };
    },
  });
  const own = wordsOf(task);
  const text = (code: string) =>
    task.fields
      .map((field, i) => `${scaffolds[code]!.length > task.fields.length ? `${scaffolds[code]![i]}: ` : ""}{${field}}`)
      .join("\n");
  return choiceTask({
    name,
    languages: Object.keys(scaffolds),
    labels,
    parallel: true,
    read,
    labelWords: (code) => words[code] ?? labels,
    prompts: {
      interlingua: ({ code, labelMode }) => ({
        context: `${text(code)}\n${scaffolds[code]!.at(-1)}:`,
        continuation: "{choice}",
        delimiter: " ",
        separator: "\n\n",
        scoring: "continuation",
        choices: () => own(labelMode, code),
      }),
      "question-translation": ({ code, labelMode }) => ({
        context: `${text(code)}\n${scaffolds[code]!.at(-1)}: "`,
        continuation: "{choice}",
        delimiter: "",
        separator: '"\n',
        scoring: "label-tokens",
        choices: () => own(labelMode, code),
        labelTokens:
          task.thai && code === "th" && labelMode === "same-language" ? task.thai : { words: own(labelMode, code) },
      }),
    },
    published: publishedDemonstrations(task, own),
    layouts: `${task.folders.at(-1)}/${files[0]}_<language>${files[1]}_test.json`,
  });
}

type Words = (mode: LabelMode, code: string) => readonly string[];

function wordsOf({ name, words, agnostic }: Published): Words {
  return (mode, code) => {
    const found = { english: words.en, "same-language": words[code], "task-agnostic": agnostic }[mode];
    if (found) return found;
    throw new Error(`${name} has no ${mode} label words${mode === "same-language" ? ` in ${code}` : ""}.`);
  };
}

/** The demonstrations of the script in the user's copy, with the labels of the mode in the place of the English ones. */
function publishedDemonstrations(task: Published, own: Words): PublishedDemonstrations {
  const { script, shots, words } = task;
  return {
    script,
    shots,
    read(folder, { code, labelMode }: PromptOptions) {
      const folders = places(task.folders).flatMap((name) => [name, dirname(name), dirname(dirname(name))]);
      const path = [...new Set(folders)].map((name) => join(folder, name, script)).find(existsSync);
      if (path === undefined) return undefined;
      const file = readSource(path);
      const from = file.text.indexOf("prompt_prefix = {");
      const [, prefix] = file.text.slice(from).match(new RegExp(`'${code}'\\s*:\\s*'''([^]*?)'''`)) ?? [];
      if (from < 0 || prefix === undefined)
        throw new Error(`${path}: expected prompt_prefix with demonstrations in ${code}.`);
      const labelled = prefix.replace(/"([^"\n]*)"(?=[^\S\n]*$)/gm, (found, word: string) => {
        const label = words.en!.indexOf(word);
        return label < 0 ? found : `"${own(labelMode, code)[label]}"`;
      });
      return { text: `${labelled}\n`, source: file.source(`${task.name} demonstrations`, shots, code) };
    },
  };
}
