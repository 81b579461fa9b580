import { integer, permutation } from "../../stats/random.ts";
import type { Source } from "../../text/source.ts";
import { distinct } from "../distinct.ts";
import { type LeftOut, tally } from "../left-out.ts";
import type { Questions } from "./questions.ts";
import { type QuestionTemplate, translationPrompt } from "./template.ts";

/** A row as the paper's code trains on: the answer is the translated question, never its answer. */
export interface QuestionRow {
  input: string;
  answer: string;
}

export interface QuestionBuildOptions {
  /** the source languages' codes, in the order of the file's name */
  codes: readonly string[];
  target: string;
  template: QuestionTemplate;
  /** questions per source language at most, from the top */
  limit?: number | undefined;
  /** share of the questions that is held out; parity has none, as the paper leaves that to its trainer */
  validation: number;
  seed: number;
  /** the released layout: one JSON array, nothing dropped */
  parity: boolean;
}

export interface QuestionsBuilt {
  train: QuestionRow[];
  validation: QuestionRow[];
  /** rows per source language */
  rows: Record<string, number>;
  sources: Source[];
  leftOut: LeftOut[];
}

/** A row with what decides where it goes: every translation of one question is held out, or none. */
interface Drafted extends QuestionRow {
  group: string;
}

/**
 * Rows of question translation (Zhang et al. 2024) from one or several source languages into one target, mixed in an order that the
 * seed decides; of one source language with `parity`, in the order of its file, as released.
 * @throws Error where no row is left
 */
export function buildQuestions(questions: Questions, options: QuestionBuildOptions): QuestionsBuilt {
  const left = tally();
  const rows: Record<string, number> = {};
  const drafted = options.codes.flatMap((code) => {
    const own = draft(questions, code, options, left).slice(0, options.limit);
    rows[code] = own.length;
    return own;
  });
  if (drafted.length === 0)
    throw new Error(`${options.codes.join(", ")}: every question was left out, so there is no row.`);
  const asReleased = options.parity && options.codes.length === 1;
  const mixed = asReleased ? drafted : Array.from(permutation(drafted.length, options.seed), (i) => drafted[i]!);
  const held = options.parity ? new Set<string>() : heldOut(mixed, options);
  const bare = ({ input, answer }: Drafted): QuestionRow => ({ input, answer });
  return {
    train: mixed.filter(({ group }) => !held.has(group)).map(bare),
    validation: mixed.filter(({ group }) => held.has(group)).map(bare),
    ...{ rows, sources: questions.sources, leftOut: [...questions.leftOut, ...left.list()] },
  };
}

function draft(
  { bySource }: Questions,
  code: string,
  { target, template, parity }: QuestionBuildOptions,
  left: ReturnType<typeof tally>,
): Drafted[] {
  const all = bySource.get(code)!.map(({ text, translation }) => ({ text, answer: translation }));
  const toRow = ({ text, answer }: { text: string; answer: string }): Drafted => ({
    ...{ input: translationPrompt(text, code, target, template), answer, group: answer },
  });
  if (parity) return all.map(toRow);
  const pair = `${code}-${target}`;
  const full = all.filter(({ text, answer }) => text.trim() !== "" && answer.trim() !== "");
  left.count(pair, "an empty side", all.length - full.length);
  const translated = full.filter(({ text, answer }) => text !== answer);
  left.count(pair, "the same text twice", full.length - translated.length);
  const once = distinct(translated, ({ text, answer }) => `${text}\n\n${answer}`);
  left.count(pair, "a repeated question", translated.length - once.length);
  return once.map(toRow);
}

/** The groups of the validation split: a question that is translated from two languages is in it with both. */
function heldOut(rows: readonly Drafted[], { validation, seed }: QuestionBuildOptions): Set<string> {
  const groups = [...new Set(rows.map(({ group }) => group))].sort();
  const order = permutation(groups.length, integer(2 ** 52, seed, 1));
  return new Set(Array.from(order.slice(0, Math.round(validation * groups.length)), (i) => groups[i]!));
}

/**
 * The file name of the released data: snli_de10k_train_question.json, snli_zhde10k_question.json for a mix, and
 * emotion_en2zhja2zh10k_question.json for another target than English. The number is that of rows per source language.
 */
export function releasedName(name: string, codes: readonly string[], target: string, rows: number): string {
  const languages = codes.map((code) => (target === "en" ? code : `${code}2${target}`)).join("");
  const count = rows % 1000 === 0 ? `${rows / 1000}k` : String(rows);
  const split = codes.length === 1 && target === "en" && name !== "emotion" ? "_train" : "";
  return `${name}_${languages}${count}${split}_question.json`;
}

/** The released layout: a JSON array indented by four, without an end of line. */
export const releasedText = (rows: readonly QuestionRow[]): string => JSON.stringify(rows, null, 4);
