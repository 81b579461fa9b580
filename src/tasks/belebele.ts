import { languages } from "../text/languages.ts";
import type { ChoicePrompt } from "./prompt.ts";
import { rowReader } from "./rows.ts";
import { labelIndex } from "./table.ts";
import { choiceTask } from "./task.ts";

const labels = ["A", "B", "C", "D"] as const;
/** Languages of our table that Belebele lacks. */
const absent = ["be", "bs", "cy", "eo", "ga", "gl", "qu"];

const read = rowReader({
  task: "belebele",
  labels,
  layout: {
    folders: ["belebele", "belebele/data", "Belebele"],
    official: { test: ["*.jsonl"] },
    harness: "belebele",
  },
  format: {
    names: {
      link: ["link"],
      number: ["question_number"],
      passage: ["flores_passage"],
      question: ["question"],
      ...Object.fromEntries([1, 2, 3, 4].map((n) => [`answer${n}`, [`mc_answer${n}`]])),
      label: ["correct_answer_num"],
    },
  },
  licence: "CC BY-SA 4.0",
  label: ({ fields, place }) => ({ label: labelIndex(String(Number(fields.label) - 1), labels, place) }),
});

/** Source: tasks/belebele/_default_template_yaml of lm-evaluation-harness 0.4.13; ours is the same. */
const asked = (): ChoicePrompt => ({
  context: "P: {passage}\nQ: {question}\nA: {answer1}\nB: {answer2}\nC: {answer3}\nD: {answer4}\nAnswer:",
  continuation: "{choice}",
  delimiter: " ",
  separator: "\n\n",
  scoring: "continuation",
  fields: ({ fields }) => ({ ...fields, question: fields.question!.trim() }),
  choices: () => labels,
});

/** Reading comprehension with four answers (Bandarkar et al. 2024), 900 questions, parallel by passage and question. */
export const belebele = choiceTask({
  name: "belebele",
  languages: languages.map(({ code }) => code).filter((code) => !absent.includes(code)),
  labels,
  parallel: true,
  // answers can be a name or a number alone
  texts: ["passage", "question"],
  read: async (folder, code, split) => {
    const found = await read(folder, code, split);
    // the files are in different orders, so an item is named by its passage and question
    const named = found?.rows.map((row) => ({ ...row, id: `${row.fields.link} ${row.fields.number}` }));
    return found && named && { ...found, rows: named };
  },
  prompts: { interlingua: asked, harness: asked },
  harness: { evaluated: "test", demonstrations: "test", excludesItself: true, sampler: "first_n" },
  layouts: "belebele/<FLORES code>.jsonl or the hub's Parquet",
});
