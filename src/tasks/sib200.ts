import { languages } from "../text/languages.ts";
import type { ChoicePrompt } from "./prompt.ts";
import { rowReader } from "./rows.ts";
import { choiceTask } from "./task.ts";

const labels = ["science/technology", "travel", "politics", "sports", "health", "entertainment", "geography"] as const;

const read = rowReader({
  task: "sib200",
  labels,
  layout: { folders: ["sib200", "sib200/data", "sib200/data/annotated", "sib-200"], official: {}, harness: "sib" },
  format: { names: { id: ["index_id"], text: ["text"], label: ["category", "label"] } },
  licence: "Apache-2.0, text CC BY-SA 4.0",
});

const asked = (context: string): ChoicePrompt => ({
  context,
  continuation: "{choice}",
  delimiter: " ",
  separator: "\n\n",
  scoring: "continuation",
  choices: () => labels,
});

/**
 * The topic of a sentence of FLORES-200 (Adelani et al. 2024), parallel by index_id. The prompts are English in every language: what
 * changes between languages is the text alone.
 */
export const sib200 = choiceTask({
  name: "sib200",
  languages: languages.map(({ code }) => code),
  labels,
  parallel: true,
  read,
  prompts: {
    interlingua: () => asked("Text: {text}\nTopic:"),
    // Source: tasks/afrobench/sib/prompt_1 of lm-evaluation-harness 0.4.13, which has it for African languages, en, fr and pt
    harness: () =>
      asked(
        "Given the categories science/technology, travel, politics, sports, health, entertainment, or geography; " +
          "what category does the text: '{text}' belong to: \n\n",
      ),
  },
  harness: { evaluated: "test", demonstrations: "dev", excludesItself: false },
  layouts: "sib200/<FLORES code>/test.tsv or the hub's Parquet",
});
