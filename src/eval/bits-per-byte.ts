import type { Model } from "../models/model.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type ScoreRequest, type ScoringOptions, scoreRequests } from "./score.ts";

/** How well a language's text is predicted, comparable across tokenizers. */
export interface BitsPerByte {
  /** −log₂ p of each line */
  bits: number[];
  /** UTF-8 length of each line */
  bytes: number[];
}

/** −log₂ p of each line given only what the tokenizer puts in front of every text (XGLM's `</s>`), which is not scored. */
export async function bitsPerByte(
  model: Model,
  tokenizer: Tokenizer,
  lines: readonly string[],
  options: ScoringOptions,
): Promise<BitsPerByte> {
  const encoded = await tokenizer.encodeBatch(lines, { addSpecialTokens: false });
  const start = textStart(tokenizer);
  const windows = encoded.flatMap(({ ids }, line) =>
    split(ids, start, model.config.maximumLength).map((request) => ({ line, request })),
  );
  const scores = await scoreRequests(
    model,
    windows.map(({ request }) => request),
    options,
  );
  const bits = new Array<number>(lines.length).fill(0);
  windows.forEach(({ line }, i) => {
    bits[line]! -= scores[i]!.logprob / Math.LN2;
  });
  return { bits, bytes: lines.map((line) => Buffer.byteLength(line)) };
}

/** A text as requests that fit the model's window: each token is scored once, later windows see one token before theirs. */
function split(ids: readonly number[], start: readonly number[], maximum: number): ScoreRequest[] {
  const requests: ScoreRequest[] = [];
  for (let at = 0; at < ids.length; at += maximum - start.length) {
    const context = at === 0 ? start : [ids[at - 1]!];
    requests.push({ context, continuation: ids.slice(at, at + maximum - start.length) });
  }
  return requests;
}

/** What stands before a text's first token: the post-processor's prefix, else BOS, else EOS. */
export function textStart(tokenizer: Tokenizer): number[] {
  if (tokenizer.prefixIds.length > 0) return tokenizer.prefixIds;
  const id = tokenizer.bosId ?? tokenizer.eosId;
  if (id === undefined)
    throw new Error("The tokenizer has no prefix, BOS or EOS that a text's first token could follow.");
  return [id];
}
