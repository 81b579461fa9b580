import { noTemplates } from "./afp-order.ts";
import { type ChoicePrompt, type PromptSet, wholeText } from "./prompt.ts";
import type { TaskRow } from "./row.ts";
import { rowReader } from "./rows.ts";
import { choiceTask } from "./task.ts";
import type { PromptOptions } from "./task-parts.ts";

/**
 * "right?" and the words for no and yes.
 * Source: the task files of lm-evaluation-harness 0.4.13, tasks/paws-x/paws_<language>.yaml.
 */
const words: Readonly<Record<string, readonly [string, string, string]>> = {
  de: ["richtig", "Nein", "Ja"],
  en: ["right", "No", "Yes"],
  es: ["verdad", "No", "Sí"],
  fr: ["n'est-ce pas", "Non", "Oui"],
  ja: ["ですね", "いいえ", "はい"],
  ko: ["맞죠", "아니요", "예"],
  zh: ["对吧", "不是", "是"],
};

/**
 * AFP's item, demonstration and words for yes and no, in this order.
 * Source: chongli17/CrossLingualAlignment 744a46e, src/paws_x_prompt.py and data/PAWS-X/prompt_formats.json.
 */
const afpForms: Readonly<Record<string, readonly [string, string, readonly [string, string]]>> = {
  en: ["{sentence1}, right? {choice}, {sentence2}", "{sentence1}, right? {choice}, {sentence2}", ["Yes", "No"]],
  zh: ["{sentence1}，对吗？ {choice}, {sentence2}", "{sentence1}，对吗？ {choice}，{sentence2}", ["对", "不对"]],
  ar: ["{sentence1}, أليس كذلك؟ {choice}, {sentence2}", "{sentence1}, أليس كذلك؟ {choice}, {sentence2}", ["نعم", "لا"]],
};

/** Languages whose sentences are made into running text first, as the harness does. */
const tokenised = ["de", "en", "es", "fr"];
const labels = ["different", "paraphrase"] as const;
/** what stands for a sentence that was never translated */
const noTranslation = "NS";

const read = rowReader({
  task: "pawsx",
  labels,
  layout: {
    folders: ["pawsx", "pawsx/x-final", "x-final", "paws-x", "paws-x/x-final"],
    official: {
      dev: ["*/dev_2k.tsv", "*/dev_2k.jsonl"],
      test: ["*/test_2k.tsv", "*/test_2k.jsonl"],
      train: ["*/train.tsv", "*/translated_train.tsv"],
    },
    harness: "paws",
  },
  format: {
    names: {
      id: ["id"],
      language: ["language"],
      sentence1: ["sentence1"],
      sentence2: ["sentence2"],
      label: ["label"],
    },
  },
  licence: "free with attribution",
  own: ["pawsx/pawsx.tsv", "pawsx.tsv"],
});

const sentences = ({ fields }: TaskRow): string[] => [fields.sentence1!.trim(), fields.sentence2!.trim()];

/** The harness and AFP score NS as if it were a sentence, so their numbers need it. */
function leftOut(row: TaskRow, prompts: PromptSet): boolean {
  if (prompts === "afp") return false;
  return sentences(row).some((text) => text === "" || (prompts !== "harness" && text === noTranslation));
}

/** Undoes the spaces that tokenisation put around punctuation. */
function detokenised(sentence: string): string {
  return sentence
    .replaceAll(" n't", "n't")
    .replaceAll(" )", ")")
    .replaceAll("( ", "(")
    .replaceAll('" ', '"')
    .replaceAll(' "', '"')
    .replace(/ (['.,])/g, "$1")
    .trim();
}

/** The two sentences as they stand around ", right? Yes, ". */
function joined({ fields }: TaskRow, code: string): Record<string, string> {
  const { sentence1, sentence2 } = fields as { sentence1: string; sentence2: string };
  if (!tokenised.includes(code)) return { sentence1, sentence2 };
  const [initial = "", ...rest] = detokenised(sentence2);
  return {
    sentence1: detokenised(sentence1).replace(/[.,;]$/, ""),
    sentence2: initial.toLowerCase() + rest.join(""),
  };
}

function asked({ code }: PromptOptions): ChoicePrompt {
  const [right, ...answers] = words[code]!;
  return {
    context: "",
    continuation: `{sentence1}, ${right}? {choice}, {sentence2}`,
    delimiter: "",
    separator: "\n\n",
    scoring: "continuation",
    fields: (row) => joined(row, code),
    choices: () => answers,
  };
}

function afp({ promptLanguage }: PromptOptions): ChoicePrompt {
  const form = afpForms[promptLanguage];
  if (!form) throw noTemplates("pawsx", promptLanguage, Object.keys(afpForms));
  const [continuation, demonstration, answers] = form;
  return wholeText({ continuation, demonstration, choices: () => answers, labels: ["paraphrase", "different"] });
}

/** Paraphrase identification from scrambled words (Yang et al. 2019), 7 languages, parallel by id. */
export const pawsx = choiceTask({
  name: "pawsx",
  languages: Object.keys(words),
  labels,
  parallel: true,
  read,
  untranslated: (row) => sentences(row).some((text) => text === "" || text === noTranslation),
  leftOut,
  prompts: { interlingua: asked, harness: asked, afp },
  harness: { evaluated: "test", demonstrations: "train", excludesItself: false },
  layouts: "pawsx/<language>/dev_2k.tsv, x-final/<language>/dev_2k.tsv or pawsx/paws_<language>.validation.jsonl",
});
