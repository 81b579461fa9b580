import { type ChoicePrompt, wholeText } from "./prompt.ts";
import { rowReader } from "./rows.ts";
import { labelIndex } from "./table.ts";
import { choiceTask } from "./task.ts";

const labels = ["1", "2"] as const;

const sentence = (n: number) => [`sentence${n}`, [`input_sentence_${n}`, `InputSentence${n}`]] as const;

const read = rowReader({
  task: "xstorycloze",
  labels,
  layout: {
    folders: ["xstorycloze", "xstory_cloze", "XStoryCloze"],
    official: {
      train: ["spring2016.val.*.tsv.split_20_80_train.tsv"],
      dev: ["spring2016.val.*.tsv.split_20_80_eval.tsv"],
    },
    harness: "xstorycloze",
    hub: { dev: "eval" },
  },
  format: {
    names: {
      id: ["story_id", "InputStoryid"],
      ...Object.fromEntries([1, 2, 3, 4].map(sentence)),
      ending1: ["sentence_quiz1", "RandomFifthSentenceQuiz1"],
      ending2: ["sentence_quiz2", "RandomFifthSentenceQuiz2"],
      label: ["answer_right_ending", "AnswerRightEnding"],
    },
  },
  licence: "CC BY-SA 4.0",
  label: ({ fields, place }) => ({ label: labelIndex(String(Number(fields.label) - 1), labels, place) }),
});

const endings: ChoicePrompt["choices"] = ({ fields }) => [fields.ending1!, fields.ending2!];

const asked = (space: string): ChoicePrompt => ({
  context: [1, 2, 3, 4].map((n) => `{sentence${n}}`).join(space),
  continuation: "{choice}",
  delimiter: space,
  separator: "\n\n",
  scoring: "continuation",
  choices: endings,
});

/** The right end of a story of four sentences (Lin et al. 2022), 11 languages, parallel by story. */
export const xstorycloze = choiceTask({
  name: "xstorycloze",
  languages: ["ar", "en", "es", "eu", "hi", "id", "my", "ru", "sw", "te", "zh"],
  labels,
  parallel: true,
  read,
  prompts: {
    interlingua: ({ code }) => asked(code === "zh" ? "" : " "),
    harness: () => asked(" "),
    // the same in every language; no spaces between the sentences. Source: AFP's src/xstorycloze_prompt.py
    afp: () => wholeText({ continuation: "{sentence1}{sentence2}{sentence3}{sentence4}{choice}", choices: endings }),
  },
  harness: { evaluated: "dev", demonstrations: "train", excludesItself: true },
  pool: "train",
  layouts:
    "xstorycloze/spring2016.val.<language>.tsv.split_20_80_eval.tsv, xstorycloze/xstorycloze_<language>.eval.jsonl " +
    "or the hub's Parquet",
});
