import type { TextPair } from "../text/encode-pair.ts";
import type { TaskRow } from "./row.ts";
import { fill, placeholders } from "./template.ts";

/**
 * Named sets of prompts: ours; those of lm-evaluation-harness 0.4.13 to the letter; those of AFP's code (Li et al. 2024) and of
 * the question-translation paper's (Zhang et al. 2024).
 */
export const promptSets = ["interlingua", "harness", "afp", "question-translation"] as const;
export type PromptSet = (typeof promptSets)[number];

/** In which words the question-translation prompts give the labels. */
export const labelModes = ["english", "same-language", "task-agnostic"] as const;
export type LabelMode = (typeof labelModes)[number];

/**
 * What a choice's score is: Σ log p of the continuation's tokens after the context; Σ log2 p of every token of the whole text but the
 * first; or Σ p over the first tokens that begin the label's word (label-tokens.ts).
 */
export type Scoring = "continuation" | "whole-text" | "label-tokens";

/** How the items of a task are put into words, in one language. Templates have {name} for a field and {choice}. */
export interface ChoicePrompt {
  /** what stands before the choice */
  context: string;
  /** what is scored */
  continuation: string;
  /** a demonstration, whose {choice} is the right one; context, delimiter and continuation by default */
  demonstration?: string;
  /** between context and continuation, also where the context is empty */
  delimiter: string;
  /** after every demonstration */
  separator: string;
  scoring: Scoring;
  /** values of the templates' fields; the row's own by default */
  fields?(row: TaskRow): Readonly<Record<string, string>>;
  /** values of {choice}, in order */
  choices(row: TaskRow): readonly string[];
  /** what acc_norm counts: the text that has the choice (default), or the continuation where it is the same for all */
  counted?: "choice" | "continuation";
  /** names of the choices in their order; the task's labels by default */
  labels?: readonly string[];
  /** whether choices are also scored without context, for acc_mutual_info */
  unconditional?: boolean;
  /** of label-tokens: what follows the prompt, and the words to compare after it */
  labelTokens?: { appended?: string; words: readonly string[] };
}

/** A prompt whose whole text is scored and whose demonstrations end with `</s>`, as AFP's. */
export const wholeText = (
  prompt: Pick<ChoicePrompt, "continuation" | "choices"> & Partial<ChoicePrompt>,
): ChoicePrompt => ({ context: "", delimiter: "", separator: "</s>", scoring: "whole-text", ...prompt });

/** One item, ready to score: a context and a continuation per choice. */
export interface ChoiceExample {
  id: string;
  /** what it asks about, where others ask the same: their answers are not independent */
  cluster?: string;
  /** index of the right choice; −1 where the file's label is none of them, so that no answer is right */
  label: number;
  requests: TextPair[];
  /** the text of each choice, whose code points acc_norm divides by and whose bytes acc_bytes does */
  choices: string[];
  /** the choices without context, where the prompt set asks for acc_mutual_info */
  unconditional?: TextPair[];
}

/** The item with its right answer, as it stands before others. */
export function demonstrationText(prompt: ChoicePrompt, row: TaskRow, gold: number): string {
  const values = { ...(prompt.fields?.(row) ?? row.fields), choice: prompt.choices(row)[gold]! };
  const { context, delimiter, continuation, demonstration } = prompt;
  const text =
    demonstration === undefined
      ? fill(context, values) + delimiter + fill(continuation, values)
      : fill(demonstration, values);
  return text + prompt.separator;
}

/** An item after `before`, the text of its demonstrations. */
export function toExample(prompt: ChoicePrompt, row: TaskRow, label: number, before: string): ChoiceExample {
  const fields = prompt.fields?.(row) ?? row.fields;
  const texts = prompt.choices(row).map((choice) => ({
    context: fill(prompt.context, { ...fields, choice }),
    continuation: fill(prompt.continuation, { ...fields, choice }),
  }));
  const { delimiter, scoring, counted = "choice" } = prompt;
  const holds = (template: string) => placeholders(template).includes("choice");
  const inContext = counted === "choice" && !holds(prompt.continuation) && holds(prompt.context);
  return {
    id: row.id,
    ...(row.cluster !== undefined && { cluster: row.cluster }),
    label,
    requests: texts.map(({ context, continuation }) =>
      scoring === "whole-text"
        ? { context: "", continuation: before + context + delimiter + continuation }
        : { context: before + context, continuation: delimiter + continuation },
    ),
    choices: texts.map(({ context, continuation }) => (inContext ? context : continuation)),
    ...(prompt.unconditional && {
      unconditional: texts.map(({ continuation }) => ({ context: "", continuation: delimiter + continuation })),
    }),
  };
}
