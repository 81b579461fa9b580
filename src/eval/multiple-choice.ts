import { createHash } from "node:crypto";
import type { Model } from "../models/model.ts";
import { openLines, readLines } from "../run/lines.ts";
import type { ExampleRow } from "../run/records.ts";
import { encodePairs, type TextPair } from "../text/encode-pair.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { textStart } from "./bits-per-byte.ts";
import { type ScoreRequest, type ScoringOptions, scoreRequests } from "./score.ts";

/** One example, ready to score: a context and a continuation per choice. */
export interface ChoiceExample {
  id: string;
  /** index of the right choice */
  label: number;
  requests: readonly TextPair[];
}

/** Examples whose rows are written together; what an interruption can lose. */
const examplesPerChunk = 256;

/**
 * Token ids of the requests. Prompts of lm-evaluation-harness are encoded as it does; others begin as every text of this
 * tokenizer begins (XGLM's `</s>`), also where the context is empty.
 */
async function encode(tokenizer: Tokenizer, pairs: readonly TextPair[], prompts: string): Promise<ScoreRequest[]> {
  if (prompts === "harness") return encodePairs(tokenizer, pairs);
  const bare = pairs.filter(({ context }) => context === "");
  const start = textStart(tokenizer);
  const [alone, together] = await Promise.all([
    tokenizer.encodeBatch(
      bare.map(({ continuation }) => continuation),
      { addSpecialTokens: false },
    ),
    encodePairs(
      tokenizer,
      pairs.filter(({ context }) => context !== ""),
    ),
  ]);
  let [a, b] = [0, 0];
  return pairs.map(({ context }) =>
    context === "" ? { context: start, continuation: alone[a++]!.ids } : together[b++]!,
  );
}

/** Index of the largest; the first of equals, as NumPy's argmax. */
const argmax = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** Names what a row answers: other prompts, demonstrations, texts or types give another fingerprint. */
function fingerprint({ requests, label }: ChoiceExample, prompts: string, compute: string): string {
  const asked = JSON.stringify([
    prompts,
    compute,
    label,
    requests.map(({ context, continuation }) => [context, continuation]),
  ]);
  return createHash("sha256").update(asked).digest("hex").slice(0, 12);
}

function toRow(
  { id, label, requests }: ChoiceExample,
  scores: readonly number[],
  delimiter: string,
): Omit<ExampleRow, "requests"> {
  const prediction = argmax(scores);
  // code points of the choice without its delimiter, as lm-evaluation-harness counts; UTF-16 units would be another number
  const normalised = scores.map((score, i) => score / ([...requests[i]!.continuation].length - delimiter.length));
  return {
    id,
    label,
    prediction,
    correct: prediction === label,
    prediction_norm: argmax(normalised),
    scores: [...scores],
  };
}

/**
 * Scores every choice of every example by the log-likelihood of its whole continuation. Rows are appended to `path` as
 * they are known; rows that are there already for the very same requests are not scored again. `delimiter` is what continuations begin with before the
 * choice itself.
 */
export async function scoreChoices(
  model: Model,
  tokenizer: Tokenizer,
  examples: readonly ChoiceExample[],
  options: ScoringOptions & { path: string; prompts: string; delimiter: string },
): Promise<ExampleRow[]> {
  const { prompts, compute = "float32" } = options;
  const asked = new Map(examples.map((example) => [example.id, fingerprint(example, prompts, compute)]));
  // rows of examples that are not asked for now stay; those that answer other requests go
  const answers = ({ id, requests }: ExampleRow) => !asked.has(id) || asked.get(id) === requests;
  const known = new Map(
    readLines<ExampleRow>(options.path)
      .filter(answers)
      .map((row) => [row.id, row]),
  );
  const open = examples.filter(({ id }) => !known.has(id));
  const file = openLines<ExampleRow>(options.path, answers);
  try {
    for (let at = 0; at < open.length; at += examplesPerChunk) {
      const chunk = open.slice(at, at + examplesPerChunk);
      const requests = await encode(
        tokenizer,
        chunk.flatMap((example) => example.requests),
        options.prompts,
      );
      const { progress: _, ...scoring } = options;
      const scores = await scoreRequests(model, requests, scoring);
      let next = 0;
      for (const example of chunk) {
        const own = scores.slice(next, next + example.requests.length).map(({ logprob }) => logprob);
        next += example.requests.length;
        const row: ExampleRow = { ...toRow(example, own, options.delimiter), requests: asked.get(example.id)! };
        file.append(row);
        known.set(row.id, row);
      }
      file.sync();
      options.progress?.(examples.length - open.length + at + chunk.length, examples.length);
    }
  } finally {
    file.close();
  }
  return examples.map(({ id }) => known.get(id)!);
}
