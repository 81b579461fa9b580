import { labelTokenIds } from "../tasks/label-tokens.ts";
import type { ChoiceExample, PromptSet, Scoring } from "../tasks/prompt.ts";
import { encodePairs, type TextPair } from "../text/encode-pair.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ScoreRequest } from "./score.ts";

/** How the choices of a set of examples become token ids. */
export interface Encoding {
  prompts: PromptSet;
  scoring: Scoring;
  /** of label-tokens: what follows the prompt, and the words to compare after it */
  labelTokens?: { appended?: string; words: readonly string[] } | undefined;
  /** of label-tokens: whether the first token of every prefix counts, as the paper's code does for Qwen */
  firstTokens?: boolean | undefined;
}

/** Token ids of one example. */
export interface EncodedExample {
  /** the requests of each choice, whose answers make up its score */
  choices: ScoreRequest[][];
  /** the choices without context; empty where they are not asked for */
  unconditional: ScoreRequest[];
  /** choices whose tokens merge with the last of the context */
  merged: number;
}

interface EncodedPair extends ScoreRequest {
  boundaryMerged?: boolean;
}

/** What stands before a text's first token: the post-processor's prefix, else BOS, else EOS. */
export function textStart({ prefixIds, bosId, eosId }: Tokenizer): number[] {
  if (prefixIds.length > 0) return prefixIds;
  const id = bosId ?? eosId;
  if (id === undefined)
    throw new Error("The tokenizer has no prefix, BOS or EOS that a text's first token could follow.");
  return [id];
}

/**
 * Prompts of lm-evaluation-harness are encoded as it does; others begin as every text of this tokenizer begins (XGLM's
 * `</s>`), also where the context is empty.
 */
async function continuations(tokenizer: Tokenizer, pairs: readonly TextPair[], prompts: PromptSet) {
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
  return pairs.map(
    ({ context }): EncodedPair => (context === "" ? { context: start, continuation: alone[a++]!.ids } : together[b++]!),
  );
}

/** Whole texts: every token but the first is scored. */
async function wholeTexts(tokenizer: Tokenizer, pairs: readonly TextPair[]): Promise<EncodedPair[]> {
  const encoded = await tokenizer.encodeBatch(pairs.map(({ context, continuation }) => context + continuation));
  return encoded.map(({ ids }) => ({ context: ids.slice(0, 1), continuation: ids.slice(1) }));
}

/** One request for each token that can begin a label, after the prompt. */
async function labels(tokenizer: Tokenizer, examples: readonly ChoiceExample[], encoding: Encoding) {
  const { firstTokens = false } = encoding;
  const { appended = "", words } = encoding.labelTokens!;
  const sets = await labelTokenIds(tokenizer, words, { firstTokens });
  const prompts = await tokenizer.encodeBatch(examples.map(({ requests }) => requests[0]!.context + appended));
  return prompts.map(({ ids }): EncodedExample => {
    const context = ids.slice(0, ids.length - tokenizer.suffixIds.length);
    return {
      choices: sets.map((set) => set.map((id) => ({ context, continuation: [id] }))),
      unconditional: [],
      merged: 0,
    };
  });
}

async function encodeAll(tokenizer: Tokenizer, examples: readonly ChoiceExample[], encoding: Encoding) {
  if (encoding.scoring === "label-tokens") return labels(tokenizer, examples, encoding);
  const pairs = examples.flatMap(({ requests, unconditional = [] }) => [...requests, ...unconditional]);
  const encoded: readonly EncodedPair[] =
    encoding.scoring === "whole-text"
      ? await wholeTexts(tokenizer, pairs)
      : await continuations(tokenizer, pairs, encoding.prompts);
  const empty = encoded.findIndex(({ continuation }) => continuation.length === 0);
  if (empty >= 0)
    throw new Error(
      `The choice ${JSON.stringify(pairs[empty]!.continuation)} has no tokens, so there is nothing to score.`,
    );
  let next = 0;
  const take = (count: number) => {
    next += count;
    return encoded.slice(next - count, next);
  };
  return examples.map(({ requests, unconditional = [] }): EncodedExample => {
    const own = take(requests.length);
    return {
      choices: own.map((request) => [request]),
      unconditional: take(unconditional.length),
      merged: own.filter(({ boundaryMerged }) => boundaryMerged).length,
    };
  });
}

/** Examples as token ids; an error in the place of one that leaves nothing to score. */
export async function encodeExamples(
  tokenizer: Tokenizer,
  examples: readonly ChoiceExample[],
  encoding: Encoding,
): Promise<(EncodedExample | Error)[]> {
  try {
    return await encodeAll(tokenizer, examples, encoding);
  } catch (error) {
    if (examples.length === 1) return [error as Error];
    const found: (EncodedExample | Error)[] = [];
    for (const example of examples) found.push(...(await encodeExamples(tokenizer, [example], encoding)));
    return found;
  }
}
