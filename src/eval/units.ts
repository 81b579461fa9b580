import type { ResultRow } from "../run/records.ts";
import type { GenerationExample } from "../tasks/generation.ts";
import type { ChoiceExample } from "../tasks/prompt.ts";
import type { ChoiceMetric, ResultPlace } from "./accuracy.ts";
import type { AnswerRow, AnswerRules } from "./answers.ts";
import type { Decoding } from "./decoding.ts";
import type { Doubts } from "./doubts.ts";
import type { Encoding } from "./encode-choices.ts";
import type { ChoiceRow } from "./multiple-choice.ts";

/** One task in one language under one setting: a file of rows, some rows of results. */
interface Unit extends ResultPlace {
  /** items of the evaluated file, those that are not asked included */
  original: number;
  /** place among everything that is measured, shards left aside: the order of results */
  order: number;
  /** for second figures beside the unit's own */
  doubts?: Doubts;
}

export interface ChoiceUnit extends Unit {
  kind: "choice";
  examples: ChoiceExample[];
  /** names of the choices in their order */
  labels: readonly string[];
  /** what continuations begin with before the choice itself */
  delimiter: string;
  encoding: Encoding;
  /** the first is shown first */
  metrics: readonly ChoiceMetric[];
}

export interface AnswerUnit extends Unit {
  kind: "generation";
  examples: GenerationExample[];
  rules: AnswerRules;
  /** default greedy */
  decoding?: Decoding;
  /** code of the answers' language */
  answerLanguage: string;
  /** metrics of all answers together */
  corpusMetrics: readonly string[];
  /** of a translation: what is translated */
  sources?: string[];
}

export type EvaluationUnit = ChoiceUnit | AnswerUnit;

/** A unit with its rows, in the order of its examples, and what follows from them. */
export interface AnsweredUnit {
  unit: EvaluationUnit;
  rows: readonly (ChoiceRow | AnswerRow)[];
  results: ResultRow[];
}
