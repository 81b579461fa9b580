import { dirname, join, resolve } from "node:path";
import { language } from "../text/languages.ts";
import { lastNumber, sameNumber, sameWords, type WordRules, wordF1 } from "./answers.ts";
import { type AnsweredRows, type GenerationTask, generationTask } from "./generation.ts";
import { findFiles } from "./layouts.ts";
import { type PlacedTaskFile, readTaskFile } from "./own-task-file.ts";
import type { OwnChoiceFile, OwnGenerationFile, OwnTaskFile } from "./own-task-schema.ts";
import type { Split } from "./row.ts";
import type { RowReader } from "./rows.ts";
import { readTable, type Table } from "./table.ts";
import { type ChoiceTask, choiceTask } from "./task.ts";
import { fill, placeholders } from "./template.ts";

/**
 * A task of the user's own from a YAML file (docs/tasks.md). Its prompts are its `interlingua` set.
 * @throws Error with file, line and column, what was expected and the nearest known key
 */
export function loadOwnTask(path: string): ChoiceTask | GenerationTask {
  const placed = readTaskFile(path);
  checkTemplates(placed);
  const base = dirname(resolve(path));
  return placed.file.kind === "choice" ? ownChoice(placed.file, base) : ownGeneration(placed.file, base);
}

/** Everything that a template can get wrong before any data are read. */
function checkTemplates({ file, wrong }: PlacedTaskFile): void {
  const { prompts, fields, languages } = file;
  const codeOf = (spelling: string, at: (string | number)[]) =>
    attempt(
      () => language(spelling).code,
      (text) => wrong(at, text),
    );
  const prompted = Object.keys(prompts).map((key) => (key === "default" ? key : codeOf(key, ["prompts", key])));
  for (const [i, spelling] of languages.entries()) {
    const code = codeOf(spelling, ["languages", i]);
    if (!prompted.includes(code) && !prompted.includes("default"))
      throw wrong(["prompts"], `there is no prompt for ${code} and no default.`);
  }
  for (const [key, prompt] of Object.entries(prompts)) {
    const templates = "prompt" in prompt ? [["prompt", prompt.prompt] as const] : choiceTemplates(prompt);
    const has = [...Object.keys(fields), ...(file.kind === "choice" ? ["choice"] : [])];
    for (const [name, template] of templates) {
      const unknown = placeholders(template).find((placeholder) => !has.includes(placeholder));
      if (unknown !== undefined)
        throw wrong(["prompts", key, name], `there is no {${unknown}}. There are ${has.join(", ")}.`);
    }
    if ("prompt" in prompt || file.kind !== "choice") continue;
    if (!templates.slice(0, 2).some(([, template]) => placeholders(template).includes("choice")))
      throw wrong(["prompts", key], "neither context nor continuation has {choice}, so all choices are one text.");
    if (prompt.choices && prompt.choices.length !== file.labels.length)
      throw wrong(
        ["prompts", key, "choices"],
        `expected as many choices as labels, ${file.labels.length}, received ${prompt.choices.length}.`,
      );
  }
}

const choiceTemplates = ({ context, continuation, choices = [] }: OwnChoiceFile["prompts"][string]) => [
  ["context", context] as const,
  ["continuation", continuation] as const,
  ...choices.map((choice) => ["choices", choice] as const),
];

function attempt<T>(action: () => T, wrong: (text: string) => Error): T {
  try {
    return action();
  } catch (cause) {
    throw wrong((cause as Error).message);
  }
}

/** The rows of a split, found from the task file's folder or in DATA/<name>. */
async function readOwn(
  file: OwnTaskFile,
  base: string,
  { folder, code, split }: { folder: string; code: string; split: Split },
  more: Readonly<Record<string, string>>,
): Promise<Table | undefined> {
  const pattern = split === "train" ? undefined : file.files[split]?.replaceAll("{language}", "*");
  if (pattern === undefined) return undefined;
  const paths = findFiles(base, code, [pattern]) ?? findFiles(join(folder, file.name), code, [pattern]);
  if (!paths) return undefined;
  const columns = { ...file.fields, ...more, ...(file.cluster !== undefined && { cluster: file.cluster }) };
  return readTable(paths, code, file.name, {
    names: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [column]])),
    optional: ["answers"],
    ...(file.headerless && {
      headerless: file.headerless.map(
        (column) => Object.entries(columns).find(([, own]) => own === column)?.[0] ?? column,
      ),
    }),
  });
}

const promptOf = <Prompt>(prompts: Readonly<Record<string, Prompt>>, code: string): Prompt =>
  Object.entries(prompts).find(([key]) => key !== "default" && language(key).code === code)?.[1] ?? prompts.default!;

function ownChoice(file: OwnChoiceFile, base: string): ChoiceTask {
  const labels = file.labels.map(String);
  const read: RowReader = async (folder, code, split) => {
    const table = await readOwn(file, base, { folder, code, split }, { label: file.label });
    if (!table) return undefined;
    const rows = table.rows.map(({ fields, place }, i) => {
      const { label: given, language: _, cluster, ...texts } = fields;
      const label = labels.indexOf(given!);
      if (label < 0)
        throw new Error(`${place}: expected the label ${labels.join(", ")}, received ${JSON.stringify(given)}.`);
      return { id: texts.id ?? String(i), ...(cluster !== undefined && { cluster }), label, fields: texts };
    });
    return { rows, sources: table.sources };
  };
  return choiceTask({
    name: file.name,
    languages: file.languages.map((spelling) => language(spelling).code),
    labels,
    parallel: file.parallel,
    metric: file.metric,
    read,
    prompts: {
      interlingua: ({ code }) => {
        const { choices = labels.map((label) => label.replace(/[{}]/g, "$&$&")), ...prompt } = promptOf(
          file.prompts,
          code,
        );
        return {
          ...prompt,
          scoring: "continuation",
          choices: ({ fields }) => choices.map((text) => fill(text, fields)),
        };
      },
    },
    layouts: Object.values(file.files).join(" or "),
  });
}

const wordRules: WordRules = { punctuation: /[\p{P}\p{S}]/gu, articles: false, characters: false };

const scorers: Record<OwnGenerationFile["metric"], (answer: string, target: string) => number> = {
  exact_match: (answer, target) => (sameWords(answer, target, wordRules) ? 1 : 0),
  f1: (answer, target) => wordF1(answer, target, wordRules),
  number: (answer, target) => (sameNumber(lastNumber(answer), target) ? 1 : 0),
};

function ownGeneration(file: OwnGenerationFile, base: string): GenerationTask {
  const { metric } = file;
  return generationTask({
    name: file.name,
    languages: file.languages.map((spelling) => language(spelling).code),
    parallel: file.parallel,
    read: async (folder, { code }, split): Promise<AnsweredRows | undefined> => {
      const table = await readOwn(file, base, { folder, code, split }, { answers: file.answer });
      const rows = table?.rows.map(({ fields, record, place }, i) => {
        const { answers: single, language: _, cluster, ...texts } = fields;
        const listed = record?.[file.answer];
        const answers = single === undefined ? (Array.isArray(listed) ? listed.map(String) : []) : [single];
        if (answers.length === 0) throw new Error(`${place}: expected an answer in ${file.answer}.`);
        return { id: texts.id ?? String(i), ...(cluster !== undefined && { cluster }), fields: texts, answers };
      });
      return table && rows && { rows, sources: table.sources };
    },
    prompts: {
      interlingua: ({ code }) => {
        const { maximum_new_tokens: maximumNewTokens, ...prompt } = promptOf(file.prompts, code);
        const name = metric === "number" ? "exact_match" : metric;
        return {
          ...prompt,
          maximumNewTokens,
          score: (text, targets) => ({ [name]: Math.max(...targets.map((target) => scorers[metric](text, target))) }),
        };
      },
    },
    harness: { evaluated: "test", demonstrations: "dev", excludesItself: false },
    layouts: Object.values(file.files).join(" or "),
  });
}
