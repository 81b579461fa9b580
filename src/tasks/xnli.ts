import { noTemplates } from "./afp-order.ts";
import { type ChoicePrompt, wholeText } from "./prompt.ts";
import { rowReader } from "./rows.ts";
import { labelIndex } from "./table.ts";
import { choiceTask } from "./task.ts";
import type { PromptOptions } from "./task-parts.ts";

type Words = Readonly<Record<string, readonly [string, string, string, string]>>;

/**
 * "right?" and the words for entailment, neutral and contradiction.
 * Source: the task files of lm-evaluation-harness 0.4.13, tasks/xnli/xnli_<language>.yaml.
 */
const words: Words = {
  ar: ["صحيح", "نعم", "لذا", "رقم"],
  bg: ["правилно", "да", "така", "не"],
  de: ["richtig", "Ja", "Auch", "Nein"],
  el: ["σωστός", "Ναί", "Έτσι", "όχι"],
  en: ["right", "Yes", "Also", "No"],
  es: ["correcto", "Sí", "Asi que", "No"],
  fr: ["correct", "Oui", "Aussi", "Non"],
  hi: ["सही", "हाँ", "इसलिए", "नहीं"],
  ru: ["правильно", "Да", "Так", "Нет"],
  sw: ["sahihi", "Ndiyo", "Hivyo", "Hapana"],
  th: ["ถูกต้อง", "ใช่", "ดังนั้น", "ไม่"],
  tr: ["doğru", "Evet", "Böylece", "Hayır"],
  ur: ["صحیح", "جی ہاں", "اس لئے", "نہیں"],
  vi: ["đúng", "Vâng", "Vì vậy", "Không"],
  zh: ["正确", "是的", "所以", "不是的"],
};

/** What our own prompts say otherwise: the harness' Arabic word for "no" is the abbreviation of "number". */
const corrected: Words = { ...words, ar: ["صحيح", "نعم", "لذا", "لا"] };

/**
 * The default form of AFP's code: fields, and the question of the demonstrations and of the item. The item has no {choice}, so that
 * all choices are one text, every item ties and entailment wins.
 * Source: chongli17/CrossLingualAlignment 744a46e, src/xnli_prompt.py.
 */
const afpCode: Readonly<Record<string, { demonstration: string; item: string }>> = {
  en: afpForm(
    ["Premise: {premise}", "Hypothesis: {hypothesis}"],
    "Question: What is the relationship between premise and hypothesis, entailment, neutral, or contradiction?",
    "Answer: ",
  ),
  zh: afpForm(
    ["前提：{premise}", "假设：{hypothesis}"],
    "问题: 前提和假设之间是什么关系，蕴涵，中立，还是矛盾？",
    "回答：",
  ),
  ar: {
    ...afpForm(
      ["شرط مسبق: {premise}", "الافتراض: {hypothesis}"],
      "السؤال: ما هي العلاقة بين الفرضية والافتراضات؟ الحياد أم التناقض؟",
      "الإجابة: ",
    ),
    demonstration: afpForm(
      ["شرط مسبق: {premise}", "الافتراض: {hypothesis}"],
      "السؤال: ما هي العلاقة بين الفرضية والافتراضات؟ الحاجة محايدة. أم التناقض؟",
      "الإجابة: ",
    ).demonstration,
  },
};

function afpForm(fields: string[], question: string, answer: string): { demonstration: string; item: string } {
  const item = [...fields, question, answer].join("\n");
  return { item, demonstration: `${item}{choice}` };
}

/** The paper's form, of which only English is known. Source: docstring of src/trainers.py and reviews of the paper. */
function afp({ promptLanguage, afpForm: form }: PromptOptions): ChoicePrompt {
  const code = form === "code" ? afpCode[promptLanguage] : undefined;
  if (code)
    return wholeText({
      continuation: code.item,
      demonstration: code.demonstration,
      separator: "\n\n",
      choices: () => ["A", "B", "C"],
    });
  if (form === "paper" && promptLanguage === "en")
    return wholeText({
      continuation: "{premise}, right? {choice}, {hypothesis}",
      choices: () => ["Yes", "Also", "No"],
    });
  throw noTemplates("xnli", promptLanguage, form === "paper" ? ["en"] : Object.keys(afpCode));
}

const labels = ["entailment", "neutral", "contradiction"] as const;

const read = rowReader({
  task: "xnli",
  labels,
  layout: {
    folders: ["xnli", "xnli/XNLI-1.0", "XNLI-1.0"],
    official: {
      dev: ["dev-*.tsv", "xnli.dev.tsv"],
      test: ["test-*.tsv", "xnli.test.tsv"],
      train: ["train-*.tsv", "multinli/multinli.train.*.tsv"],
    },
    harness: "xnli",
  },
  format: {
    names: {
      id: ["id", "pairID", "idx"],
      language: ["language"],
      premise: ["premise", "sentence1"],
      hypothesis: ["hypothesis", "sentence2", "hypo"],
      label: ["label", "gold_label"],
    },
    headerless: ["premise", "hypothesis", "label"],
  },
  licence: "CC BY-NC 4.0",
  own: ["xnli/xnli.tsv", "xnli.tsv"],
  // XNLI-MT's training files spell one label otherwise
  label: ({ fields, place }) => ({
    label: labelIndex(fields.label === "contradictory" ? "contradiction" : fields.label!, labels, place),
  }),
});

const asked = (table: Words, code: string, delimiter: string) => {
  const [right, ...answers] = table[code]!;
  return {
    context: "",
    continuation: `{premise}, ${right}? {choice}, {hypothesis}`,
    // the harness puts its delimiter before the choice although the prompt is empty
    delimiter,
    separator: "\n\n",
    scoring: "continuation" as const,
    choices: () => answers,
  };
};

/** Cross-lingual natural language inference (Conneau et al. 2018), 15 languages, parallel line by line. */
export const xnli = choiceTask({
  name: "xnli",
  languages: Object.keys(words),
  labels,
  parallel: true,
  read,
  prompts: {
    interlingua: ({ code }) => asked(corrected, code, ""),
    harness: ({ code }) => asked(words, code, " "),
    afp,
  },
  harness: { evaluated: "dev", demonstrations: "train", excludesItself: true },
  layouts: "xnli/dev-<language>.tsv, xnli/xnli.dev.tsv (XNLI-1.0) or xnli/xnli_<language>.validation.jsonl",
});
