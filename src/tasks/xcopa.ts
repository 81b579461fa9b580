import { noTemplates } from "./afp-order.ts";
import { type ChoicePrompt, wholeText } from "./prompt.ts";
import type { TaskRow } from "./row.ts";
import { rowReader } from "./rows.ts";
import { choiceTask } from "./task.ts";
import type { PromptOptions } from "./task-parts.ts";

/**
 * What joins the premise to its cause and to its effect.
 * Source: tasks/xcopa/utils.py of lm-evaluation-harness 0.4.13.
 */
const connectors: Readonly<Record<string, readonly [string, string]>> = {
  et: ["sest", "seetõttu"],
  ht: ["poukisa", "donk sa"],
  id: ["karena", "maka"],
  it: ["perché", "quindi"],
  qu: ["imataq", "chaymi"],
  sw: ["kwa sababu", "kwa hiyo"],
  ta: ["காரணமாக", "எனவே"],
  th: ["เพราะ", "ดังนั้น"],
  tr: ["çünkü", "bu yüzden"],
  vi: ["bởi vì", "vì vậy"],
  zh: ["因为", "所以"],
};

/**
 * AFP's names of the question and its conjunctions, for cause and effect.
 * Source: chongli17/CrossLingualAlignment 744a46e, src/xcopa_prompt.py.
 */
const afpWords: Readonly<Record<string, { cause: [string, string]; effect: [string, string] }>> = {
  en: { cause: ["cause", "because"], effect: ["effect", "so"] },
  zh: { cause: ["起因", "因为"], effect: ["影响", "所以"] },
  ar: { cause: ["السبب", "لأن"], effect: ["تأثير", "لذا"] },
};

/** Scripts that put no space between words, so that ours has none before connector and choice. */
const unspaced = ["th", "zh"];
const labels = ["choice1", "choice2"] as const;

const read = rowReader({
  task: "xcopa",
  labels,
  layout: {
    folders: ["xcopa", "xcopa/data", "xcopa/data-gmt"],
    official: { dev: ["*/val.*.jsonl"], test: ["*/test.*.jsonl"] },
    harness: "xcopa",
  },
  format: {
    names: {
      id: ["idx", "id"],
      premise: ["premise"],
      choice1: ["choice1"],
      choice2: ["choice2"],
      question: ["question"],
      label: ["label"],
    },
  },
  licence: "CC BY 4.0",
});

const side = ({ fields }: TaskRow): 0 | 1 => (fields.question === "cause" ? 0 : 1);

function choices({ fields }: TaskRow): string[] {
  return [fields.choice1!, fields.choice2!].map((text) => {
    const [initial = "", ...rest] = text;
    return initial.toLowerCase() + rest.join("");
  });
}

/** The harness drops the last character, which is a full stop in most languages but a letter in Thai. */
const withoutLast = (text: string): string => [...text.trim()].slice(0, -1).join("");
const withoutStop = (text: string): string => text.trim().replace(/[.。．]$/, "");

const asked = (code: string, premise: (text: string) => string, space: string): ChoicePrompt => ({
  context: `{premise}${space}{connector}`,
  continuation: "{choice}",
  delimiter: space,
  separator: "\n\n",
  scoring: "continuation",
  fields: (row) => ({ premise: premise(row.fields.premise!), connector: connectors[code]![side(row)] }),
  choices,
  unconditional: true,
});

function afp({ promptLanguage }: PromptOptions): ChoicePrompt {
  const words = afpWords[promptLanguage];
  if (!words) throw noTemplates("xcopa", promptLanguage, Object.keys(afpWords));
  return wholeText({
    continuation: "{question}: {premise} {conjunction} {choice}",
    fields: (row) => {
      const [question, conjunction] = side(row) === 0 ? words.cause : words.effect;
      return { question, conjunction, premise: row.fields.premise! };
    },
    choices: ({ fields }) => [fields.choice1!, fields.choice2!],
  });
}

/** Choice of plausible alternatives (Ponti et al. 2020), 11 languages, parallel by idx. */
export const xcopa = choiceTask({
  name: "xcopa",
  languages: Object.keys(connectors),
  labels,
  parallel: true,
  read,
  texts: ["premise", "choice1", "choice2"],
  prompts: {
    interlingua: ({ code }) => asked(code, withoutStop, unspaced.includes(code) ? "" : " "),
    harness: ({ code }) => asked(code, withoutLast, " "),
    afp,
  },
  harness: { evaluated: "test", demonstrations: "dev", excludesItself: false },
  layouts: "xcopa/<language>/val.<language>.jsonl, xcopa/xcopa_<language>.validation.jsonl or the hub's Parquet",
});
