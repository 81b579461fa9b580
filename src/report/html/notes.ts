import type { ReportData } from "../data.ts";
import { count, list, percent } from "../format.ts";
import { taskTitle } from "../titles.ts";
import { html, type Markup } from "./markup.ts";
import type { Section } from "./section.ts";

function chanceLevels(data: ReportData): string {
  const known = data.tasks.filter((section) => section.primary && section.chance !== undefined);
  const levels = new Map(
    known.map((section) => [section.task, `${percent(section.chance)} on ${taskTitle(section.task)}`]),
  );
  return levels.size === 0 ? "" : ` Guessing gives ${list([...levels.values()])}.`;
}

type Entry = [term: string, text: string];

function statistics(data: ReportData): Entry[] {
  return [
    [
      "Before and after",
      "Both models answered the same examples with the same prompts. Results are stored under the hash of the weights, so one model's answers can never be taken for the other's.",
    ],
    [
      "Accuracy",
      `Share of examples where the right choice has the highest log-likelihood.${chanceLevels(data)} A model that always gives one label reaches the majority share; the labels given are in the tables.`,
    ],
    [
      "95 % interval",
      "Ranges that would hold the true value in 95 of 100 repetitions with other examples. They say nothing about other training seeds.",
    ],
    [
      "Paired difference and p",
      "Only examples whose answer changed carry information. p is McNemar's exact test on the two kinds of change. Over several languages interval and p allow for translations of one item not being independent.",
    ],
    [
      "Adjusted p",
      "With twelve languages one in two studies would show a “significant” one by luck. Holm's correction keeps the chance of any false alarm per task below 5 %.",
    ],
    [
      "Detectable",
      "The smallest true difference that this many examples would reveal four times out of five. Where nothing was found, differences below it remain possible.",
    ],
  ];
}

function measures(data: ReportData): Entry[] {
  const n = data.similarity?.n;
  const guessing = n ? `, among ${count(n)}; guessing gives ${percent(1 / n, 2)}` : "";
  return [
    ["Gap to English", "How much lower the other languages score, relative to English. Negative means ahead."],
    [
      "Retrieval P@1",
      `Share of sentences whose nearest neighbour in the other language is their translation${guessing}. High retrieval alone does not mean that tasks improve.`,
    ],
    [
      "MEXA",
      "Share of sentence pairs in which each side is the other's nearest neighbour; a stricter cousin of retrieval.",
    ],
    [
      "Bits per byte",
      "Average number of bits to encode one byte of text with the model. It tells whether plain language modelling suffered; lower is better.",
    ],
    [
      "Layers",
      "0 is the embedding output, the last number is the state after the final norm, as in Hugging Face's hidden_states.",
    ],
  ];
}

/** What each measure is and how far it can be trusted. */
export function notesSection(data: ReportData): Section {
  const entries: Markup[] = [...statistics(data), ...measures(data)].map(
    ([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>\n`,
  );
  return { id: "notes", title: "How to read this", body: html`<dl class="notes">${entries}</dl>` };
}
