import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Answers } from "./next-token.ts";
import { readTrie } from "./read-trie.ts";
import { type TrieRow, tokenTrie } from "./token-trie.ts";
import { type ReadLimits, trieReads } from "./trie-reads.ts";

/** Token ids to score: log p(continuation | context). */
export interface ScoreRequest {
  context: readonly number[];
  continuation: readonly number[];
}

export interface Score {
  /** Σ log p over the continuation's tokens, nats */
  logprob: number;
  /** whether every token of the continuation is the most likely one */
  greedy: boolean;
  /** number of tokens scored */
  tokens: number;
}

export interface ScoringOptions {
  /** tokens per forward pass at most */
  batchTokens: number;
  /** type of the products; logits, log-sum-exp and sums are float32 or wider */
  compute?: Dtype;
  /** is told after every pass how many of the requests are done, by the share of tokens read */
  progress?: (done: number, total: number) => void;
}

/** Changes whenever the same requests may come out otherwise; part of what a stored row answers. */
export const scoringEngine = 3;

/** On a CPU wider passes are not faster, and every token is compared with all others of its pass. */
const limits = { cpu: { tokens: 256, pairs: 2 ** 21 }, other: { tokens: 4096, pairs: 2 ** 25 } };
/** Tokens of the requests that share a trie. */
const trieTokens = 2 ** 20;

/** The window keeps the last `maximum` + 1 tokens of context and continuation, as lm-evaluation-harness does. */
export function windowed({ context, continuation }: ScoreRequest, maximum: number, index = 0): TrieRow {
  if (continuation.length === 0) throw new Error(`request ${index}: the continuation has no tokens to score.`);
  if (context.length === 0)
    throw new Error(`request ${index}: the context has no token that the first target could follow.`);
  const ids = [...context, ...continuation].slice(-(maximum + 1));
  return { ids: Int32Array.from(ids), targets: Math.min(continuation.length, ids.length - 1) };
}

function toScore(asked: Int32Array, { logProbs, greedy }: Answers): Score {
  return {
    logprob: asked.reduce((sum, question) => sum + logProbs[question]!, 0),
    greedy: asked.every((question) => greedy[question] === 1),
    tokens: asked.length,
  };
}

/** Rows that share a trie, by their places. */
interface Group {
  rows: number[];
  limits: ReadLimits;
}

/** Consecutive rows of at most so many tokens together; rows whose positions depend on their length are on their own. */
function* groups(model: Model, rows: readonly TrieRow[], batchTokens: number): Generator<Group> {
  const { tokens, pairs } = model.device === "cpu" ? limits.cpu : limits.other;
  const shared = { tokens: Math.min(tokens, batchTokens), pairs };
  const isAlone = ({ ids }: TrieRow) => ids.length - 1 > (model.config.stretchesBeyond ?? Number.POSITIVE_INFINITY);
  let [open, size]: [number[], number] = [[], 0];
  for (const [place, row] of rows.entries()) {
    if (isAlone(row)) {
      yield { rows: [place], limits: { tokens: row.ids.length, pairs: row.ids.length ** 2 } };
      continue;
    }
    if (open.length > 0 && size + row.ids.length > trieTokens) {
      yield { rows: open, limits: shared };
      [open, size] = [[], 0];
    }
    open.push(place);
    size += row.ids.length;
  }
  if (open.length > 0) yield { rows: open, limits: shared };
}

/**
 * Scores requests. What several of them begin with is read once, the head runs only where a continuation is predicted, and a
 * score does not depend on the others but for rounding. Results are in input order.
 */
export async function scoreRequests(
  model: Model,
  requests: readonly ScoreRequest[],
  options: ScoringOptions,
): Promise<Score[]> {
  if (model.bidirectional)
    throw new Error(`score: ${model.config.family} is an encoder, which predicts no next token.`);
  const rows = requests.map((request, index) => windowed(request, model.config.maximumLength, index));
  const scores = new Array<Score>(rows.length);
  let done = 0;
  for (const group of groups(model, rows, options.batchTokens)) {
    const trie = tokenTrie(group.rows.map((place) => rows[place]!));
    const reads = [...trieReads(trie, group.limits)];
    const all = reads.reduce((sum, { nodes }) => sum + nodes.length, 0);
    const passes = readTrie(model, trie, reads, options.compute ?? "float32");
    let [pass, read] = [passes.next(), 0];
    for (; !pass.done; pass = passes.next()) {
      read += pass.value;
      options.progress?.(done + Math.floor((group.rows.length * read) / all), rows.length);
      await nextTurn();
    }
    const answers = pass.value;
    group.rows.forEach((place, i) => {
      scores[place] = toScore(trie.asked[i]!, answers);
    });
    done += group.rows.length;
  }
  return scores;
}
