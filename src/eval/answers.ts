import { createHash } from "node:crypto";
import type { Model } from "../models/model.ts";
import type { ResultRow } from "../run/records.ts";
import { bootstrapRatio } from "../stats/bootstrap.ts";
import { wilson } from "../stats/intervals.ts";
import type { GenerationExample } from "../tasks/generation.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ResultPlace } from "./accuracy.ts";
import { complete } from "./complete.ts";
import { type Decoding, groupSeed } from "./decoding.ts";
import { type Answer, type KeepOptions, type KeptRow, keepRows } from "./kept-rows.ts";

/** A generated answer; figures of it stand beside under their names. */
export interface AnswerRow extends KeptRow {
  /** what was generated, up to the first stop */
  text: string;
  /** what of it is the answer */
  answer: string;
  targets: readonly string[];
  /** whether the first figure is full; absent where answers have none of their own */
  correct?: boolean;
  /** tokens that the prompt lost at its beginning */
  cut?: number;
}

/** How answers are made and judged. */
export interface AnswerRules {
  stop: readonly string[];
  maximumNewTokens: number;
  score(answer: string, targets: readonly string[]): Record<string, number>;
  extract(text: string): string;
}

export interface AnswerOptions
  extends Pick<KeepOptions<GenerationExample, AnswerRow>, "path" | "setup" | "signal" | "progress"> {
  prompts: string;
  rules: AnswerRules;
  batchTokens: number;
  /** false where prompts are rendered conversations */
  addSpecialTokens: boolean;
  /** default greedy */
  decoding?: Decoding | undefined;
}

/** Answers whose rows are written together. */
const answersPerGroup = 32;

const fingerprint = ({ prompt, targets }: GenerationExample, { prompts, rules, decoding }: AnswerOptions): string =>
  createHash("sha256")
    .update(
      JSON.stringify([prompts, prompt, targets, rules.stop, rules.maximumNewTokens, ...(decoding ? [decoding] : [])]),
    )
    .digest("hex")
    .slice(0, 12);

/** Lets the model answer, greedily unless told. Rows are kept as those of multiple choice are. */
export async function generateAnswers(
  model: Model,
  tokenizer: Tokenizer,
  examples: readonly GenerationExample[],
  options: AnswerOptions,
): Promise<AnswerRow[]> {
  const { rules, batchTokens, addSpecialTokens, decoding, path, setup, signal, progress } = options;
  async function answer(items: readonly GenerationExample[]): Promise<Answer<AnswerRow>[]> {
    const completions = await complete(
      model,
      tokenizer,
      items.map(({ prompt }) => prompt),
      {
        ...{ stopStrings: rules.stop, maxNewTokens: rules.maximumNewTokens, truncate: true },
        ...{ batchTokens, addSpecialTokens, ...(signal && { signal }) },
        ...(decoding && { ...decoding, seed: groupSeed(decoding, items[0]!.id) }),
      },
    );
    return completions.map(({ text, cut }, i) => {
      const { targets } = items[i]!;
      const scores = rules.score(text, targets);
      const [first] = Object.values(scores);
      return {
        ...{ text, answer: rules.extract(text), targets },
        ...scores,
        ...(first !== undefined && { correct: first === 1 }),
        ...(cut !== undefined && { cut }),
      };
    });
  }
  return keepRows<GenerationExample, AnswerRow>(examples, {
    ...{ path, setup, signal, progress, answer },
    fingerprint: (example) => fingerprint(example, options),
    group: answersPerGroup,
  });
}

/** The figures that an answer has of its own, by name. */
export const answerMetrics = ({ score }: Pick<AnswerRules, "score">): string[] => Object.keys(score("", [""]));

/** Means of the answers' own figures with 95 % intervals: Wilson's where all are 0 or 1, else over resampled answers. */
export function answerRows(place: ResultPlace, rows: readonly AnswerRow[], metrics: readonly string[]): ResultRow[] {
  const answered = rows.filter(({ error }) => error === undefined);
  const n = answered.length;
  if (n === 0) return [];
  return metrics.map((metric) => {
    const values = answered.map((row) => (row as unknown as Record<string, number>)[metric]!);
    const total = values.reduce((a, b) => a + b, 0);
    const interval = values.every((value) => value === 0 || value === 1)
      ? wilson(total, n)
      : bootstrapRatio(
          values,
          values.map(() => 1),
        );
    return { ...place, metric, value: total / n, n, ...interval };
  });
}
