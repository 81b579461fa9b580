import type { SentencePair } from "../data/sentence-pair.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { DevelopmentData } from "./development-data.ts";
import type { TrainingRows } from "./objectives.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** Rows of one language that an objective, or what it is called here, learns from. */
export interface RowCount {
  objective: string;
  /** a code, a pair of them, or "und" where nothing tells it */
  language: string;
  rows: number;
}

export interface TrainingData {
  rows: TrainingRows;
  counts: RowCount[];
  /** what is followed while training */
  development?: DevelopmentData | undefined;
  sources: DataSource[];
}

/** What every reader of training data gets. */
export interface Reading {
  recipe: Recipe;
  /** folder of the base model's config and tokenizer */
  base: string;
  tokenizer: Tokenizer;
  /** rows are cut to the model's positions, whatever the recipe allows */
  cut(maximumLength: number): number;
  watch: Watch;
  into: TrainingData;
}

/** The settings of an objective's data, which must be there. */
export function needed<T>(settings: T | undefined, objective: string, key: string): T {
  if (settings === undefined)
    throw new UsageError(`train.objectives.${objective}: it needs ${key}, which the recipe does not have.`);
  return settings;
}

/** Refuses data of which nothing is left. */
export function needRows<T>(rows: readonly T[], key: string): void {
  if (rows.length === 0)
    throw new UsageError(`${key}: no row is left to train on; all were empty or longer than the limit.`);
}

/** Counts rows for the plan. */
export function count({ counts }: TrainingData, objective: string, language: string, rows: number): void {
  counts.push({ objective, language, rows });
}

/** Counts pairs by their languages. */
export function countPairs(into: TrainingData, objective: string, pairs: readonly SentencePair[]): void {
  const counts = new Map<string, number>();
  for (const { languages } of pairs) counts.set(languages.join("-"), (counts.get(languages.join("-")) ?? 0) + 1);
  for (const [languages, rows] of counts) count(into, objective, languages, rows);
}

/** An end of a message: how many were left out. */
export const leftOut = (count: number, why: string): string => (count > 0 ? `, ${count} ${why} ones left out` : "");
