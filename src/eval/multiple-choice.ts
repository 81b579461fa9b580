import { createHash } from "node:crypto";
import type { Model } from "../models/model.ts";
import type { ExampleRow } from "../run/records.ts";
import type { ChoiceExample } from "../tasks/prompt.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type EncodedExample, type Encoding, encodeExamples } from "./encode-choices.ts";
import { type Answer, type KeepOptions, type KeptRow, keepRows } from "./kept-rows.ts";
import { type Score, type ScoreRequest, type ScoringOptions, scoreRequests } from "./score.ts";

/** A row of eval/<model>/<task>/…, with what further figures need. */
export interface ChoiceRow extends ExampleRow, KeptRow {
  /** whether each choice's tokens are the most likely ones */
  greedy: boolean[];
  /** prediction when scores are divided by the choice's UTF-8 bytes */
  prediction_bytes: number;
  /** log-likelihoods of the choices without context, and whether they are greedy */
  unconditional?: number[];
  unconditional_greedy?: boolean[];
  /** tokens of the longest request that the model's window did not hold */
  cut?: number;
  /** choices whose tokens merge with the last of the context */
  merged?: number;
}

/** Examples whose rows are written together. */
const examplesPerGroup = 64;

/** Index of the largest; the first of equals, as NumPy's argmax. */
export const argmax = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** Names what a row answers: other prompts, demonstrations, texts or types give another fingerprint. */
function fingerprint({ requests, unconditional, label }: ChoiceExample, encoding: Encoding, compute: string): string {
  const texts = (pairs: ChoiceExample["requests"] = []) =>
    pairs.map(({ context, continuation }) => [context, continuation]);
  const { prompts, scoring, labelTokens = null } = encoding;
  const asked = JSON.stringify([prompts, scoring, labelTokens, compute, label, texts(requests), texts(unconditional)]);
  return createHash("sha256").update(asked).digest("hex").slice(0, 12);
}

/** What the answers to a choice's requests make its score: nats, bits (AFP), or a sum of probabilities. */
export const scoreOf = (scores: readonly Score[], { scoring }: Encoding): number => {
  if (scoring === "label-tokens") return scores.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
  return scores[0]!.logprob / (scoring === "whole-text" ? Math.LN2 : 1);
};

/** The texts' lengths; a choice without text would be divided by zero. */
const divided = (scores: readonly number[], lengths: readonly number[]) =>
  scores.map((score, i) => score / Math.max(1, lengths[i]!));

interface Scored {
  choices: Score[][];
  unconditional: Score[];
}

function toAnswer(
  { label, choices }: ChoiceExample,
  encoded: EncodedExample,
  found: Scored,
  encoding: Encoding,
  window: number,
): Answer<ChoiceRow> {
  const scores = found.choices.map((own) => scoreOf(own, encoding));
  const prediction = argmax(scores);
  const lengthOf = ({ context, continuation }: ScoreRequest) => context.length + continuation.length;
  const cut = Math.max(...encoded.choices.flat().map(lengthOf)) - (window + 1);
  return {
    label,
    prediction,
    correct: prediction === label,
    // code points of the choice without its delimiter, as lm-evaluation-harness counts; UTF-16 units would be another number
    prediction_norm: argmax(
      divided(
        scores,
        choices.map((text) => [...text].length),
      ),
    ),
    prediction_bytes: argmax(
      divided(
        scores,
        choices.map((text) => Buffer.byteLength(text)),
      ),
    ),
    scores,
    greedy: found.choices.map((own) => own.length > 0 && own.every(({ greedy }) => greedy)),
    ...(found.unconditional.length > 0 && {
      unconditional: found.unconditional.map(({ logprob }) => logprob),
      unconditional_greedy: found.unconditional.map(({ greedy }) => greedy),
    }),
    ...(cut > 0 && { cut }),
    ...(encoded.merged > 0 && { merged: encoded.merged }),
  };
}

export interface ChoiceOptions
  extends ScoringOptions,
    Pick<KeepOptions<ChoiceExample, ChoiceRow>, "path" | "setup" | "signal"> {
  encoding: Encoding;
}

/** Scores encoded examples together. */
async function scoreExamples(
  model: Model,
  examples: readonly EncodedExample[],
  options: ChoiceOptions,
): Promise<Scored[]> {
  const { batchTokens, compute } = options;
  const requests = examples.flatMap(({ choices, unconditional }) => [...choices.flat(), ...unconditional]);
  const scores = await scoreRequests(model, requests, { batchTokens, ...(compute && { compute }) });
  let next = 0;
  const take = (count: number) => {
    next += count;
    return scores.slice(next - count, next);
  };
  return examples.map(({ choices, unconditional }) => ({
    choices: choices.map((own) => take(own.length)),
    unconditional: take(unconditional.length),
  }));
}

/**
 * Scores every choice of every example and says which is the best. Rows are appended to `path` as they are known; what is there
 * already for the very same requests and setup is not scored again.
 */
export async function scoreChoices(
  model: Model,
  tokenizer: Tokenizer,
  examples: readonly ChoiceExample[],
  options: ChoiceOptions,
): Promise<ChoiceRow[]> {
  const { encoding, compute = "float32", path, setup, signal, progress } = options;
  const window = model.config.maximumLength;
  async function answer(items: readonly ChoiceExample[]): Promise<Answer<ChoiceRow>[]> {
    const encoded = await encodeExamples(tokenizer, items, encoding);
    const good = encoded.filter((example): example is EncodedExample => !(example instanceof Error));
    const scored = await scoreExamples(model, good, options);
    let next = 0;
    return encoded.map((example, i) =>
      example instanceof Error
        ? ({ label: items[i]!.label, error: example.message } as unknown as Answer<ChoiceRow>)
        : toAnswer(items[i]!, example, scored[next++]!, encoding, window),
    );
  }
  const asked = (example: ChoiceExample) => fingerprint(example, encoding, compute);
  return keepRows<ChoiceExample, ChoiceRow>(examples, {
    ...{ path, setup, signal, progress, answer },
    fingerprint: asked,
    group: examplesPerGroup,
  });
}
