import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import { lastState } from "../models/loss.ts";
import type { Model } from "../models/model.ts";
import { linearLogProbs } from "../nn/index.ts";
import { autocast, type Dtype, noGrad, ops, scope, tensor } from "../tensor/index.ts";

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
  /** padded tokens per batch */
  batchTokens: number;
  /** type of the products; logits, log-sum-exp and sums are float32 or wider */
  compute?: Dtype;
  /** is told how many requests are done after every batch */
  progress?: (done: number, total: number) => void;
}

interface Row {
  ids: Int32Array;
  /** how many of the last ids are targets; the id before the first target predicts it */
  targets: number;
}

/** The window keeps the last `maximum` + 1 tokens of context and continuation, as lm-evaluation-harness does. */
function toRow({ context, continuation }: ScoreRequest, maximum: number, index: number): Row {
  if (continuation.length === 0) throw new Error(`request ${index}: the continuation has no tokens to score.`);
  if (context.length === 0)
    throw new Error(`request ${index}: the context has no token that the first target could follow.`);
  const ids = [...context, ...continuation].slice(-(maximum + 1));
  return { ids: Int32Array.from(ids), targets: Math.min(continuation.length, ids.length - 1) };
}

function scoreBatch(model: Model, rows: readonly Row[], compute: Dtype): Score[] {
  // a row's last id is never read, only predicted
  const batch = padRows(
    rows.map(({ ids }) => ids.subarray(0, ids.length - 1)),
    model.config.padId ?? 0,
  );
  const positions = rows.flatMap(({ ids, targets }, row) =>
    Array.from({ length: targets }, (_, t) => row * batch.columns + ids.length - 1 - targets + t),
  );
  const labels = rows.flatMap(({ ids, targets }) => [...ids.subarray(ids.length - targets)]);
  const { logProbs, greedy } = noGrad(() =>
    scope(() =>
      autocast(model.device, compute, () => {
        const h = lastState(model, {
          ids: tensor(batch.ids, { shape: [batch.rows, batch.columns], device: model.device }),
        });
        const chosen = ops.indexSelect(
          ops.reshape(h, [-1, h.size(-1)]),
          0,
          tensor(Int32Array.from(positions), { device: model.device }),
        );
        const { weight, softcap } = model.unembedding();
        const wanted = tensor(labels, { dtype: "int64", device: model.device });
        return linearLogProbs(model.norm(chosen), weight, wanted, softcap);
      }),
    ),
  );
  let next = 0;
  return rows.map(({ targets }) => {
    const [start, end] = [next, next + targets];
    next = end;
    return {
      logprob: logProbs.subarray(start, end).reduce((sum, value) => sum + value, 0),
      greedy: greedy.subarray(start, end).every((flag) => flag === 1),
      tokens: targets,
    };
  });
}

/** Scores requests in batches of similar length; the head runs on target positions only. Results are in input order. */
export async function scoreRequests(
  model: Model,
  requests: readonly ScoreRequest[],
  options: ScoringOptions,
): Promise<Score[]> {
  const rows = requests.map((request, index) => toRow(request, model.config.maximumLength, index));
  const scores = new Array<Score>(rows.length);
  let done = 0;
  for (const batch of longestFirst(
    rows.map(({ ids }) => ids.length - 1),
    options.batchTokens,
  )) {
    const results = scoreBatch(
      model,
      batch.map((index) => rows[index]!),
      options.compute ?? "float32",
    );
    batch.forEach((index, i) => {
      scores[index] = results[i]!;
    });
    done += batch.length;
    options.progress?.(done, rows.length);
    await nextTurn();
  }
  return scores;
}
