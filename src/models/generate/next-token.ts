import { deriveSeed, manualSeed, noGrad, ops, scope, type Tensor, tensor } from "../../tensor/index.ts";
import { mostProbable } from "./most-probable.ts";
import type { Generation } from "./options.ts";
import type { Row } from "./row.ts";

const nothing = Number.NEGATIVE_INFINITY;

/** Keskar et al. 2019: seen tokens' scores are divided by the penalty where positive, multiplied where negative. [B V] */
export function penalizeRepeats(scores: Tensor, seen: readonly (readonly number[])[], penalty: number): Tensor {
  if (penalty === 1) return scores;
  const longest = Math.max(...seen.map(({ length }) => length));
  // a row is filled up with its own first id: the same value is written twice
  const ids = seen.flatMap((row) => [...row, ...Array<number>(longest - row.length).fill(row[0]!)]);
  const index = tensor(ids, { dtype: "int64", shape: [seen.length, longest], device: scores.device });
  const old = ops.gather(scores, 1, index);
  return ops.scatter(scores, 1, index, ops.where(ops.lt(old, 0), ops.mul(old, penalty), ops.div(old, penalty)));
}

/** Leaves the k highest scores, and what equals the lowest of them. [B V] */
function keepTopK(scores: Tensor, k: number): Tensor {
  const vocabulary = scores.size(1);
  if (k >= vocabulary) return scores;
  const [values] = ops.topk(scores, k);
  return ops.maskedFill(scores, ops.lt(scores, ops.narrow(values, 1, k - 1, 1)), nothing);
}

/** Leaves the most probable tokens that together reach p; at least one. [B V] */
function keepTopP(scores: Tensor, p: number): Tensor {
  const [ascending, order] = ops.sort(scores, -1, false);
  const below = ops.le(ops.cumsum(ops.softmax(ascending, -1), -1), 1 - p); // [B V], by rank
  const last = scores.size(1) - 1;
  const kept = ops.cat([ops.narrow(below, 1, 0, last), ops.zeros([scores.size(0), 1], "bool", scores.device)], 1);
  return ops.maskedFill(scores, ops.scatter(kept, 1, order, kept), nothing);
}

/** Leaves tokens at least `share` as probable as the most probable one. [B V] */
function keepMinP(scores: Tensor, share: number): Tensor {
  const probabilities = ops.softmax(scores, -1);
  const floor = ops.mul(ops.amax(probabilities, [-1], true), share);
  return ops.maskedFill(scores, ops.lt(probabilities, floor), nothing);
}

/** Scores to sample from, in the order of transformers 4.57: temperature, top-k, top-p, min-p. [B V] */
export function filtered(scores: Tensor, { temperature, topK, topP, minP }: Generation): Tensor {
  let kept = temperature === 1 ? scores : ops.div(scores, temperature);
  if (topK !== undefined) kept = keepTopK(kept, topK);
  if (topP !== undefined && topP < 1) kept = keepTopP(kept, topP);
  if (minP !== undefined) kept = keepMinP(kept, minP);
  return kept;
}

/** One token per row where a uniform number falls in the cumulated probabilities. */
function sample(scores: Tensor, rows: readonly Row[], seed: number): number[] {
  // the draw belongs to the row and its place, so that batches do not change it
  const draws = rows.map(({ index, ids }) => {
    manualSeed(deriveSeed(seed, index, ids.length));
    const draw = ops.zeros([1, 1], "float64");
    ops.uniformInto(draw, 0, 1);
    return draw;
  });
  const cumulated = ops.cumsum(ops.softmax(ops.toDtype(scores, "float64"), -1), -1);
  const last = ops.narrow(cumulated, 1, scores.size(1) - 1, 1);
  const places = ops.searchSorted(cumulated, ops.mul(ops.toDevice(ops.cat(draws), scores.device), last), false, true);
  return [...places.toArray()].map(Number);
}

/** The next token of each row. logits: [B V] */
export function nextTokens(logits: Tensor, rows: readonly Row[], settings: Generation): number[] {
  return noGrad(() =>
    scope(() => {
      const seen = rows.map(({ prompt, ids }) => [...prompt, ...ids]);
      const scores = penalizeRepeats(logits, seen, settings.repetitionPenalty);
      if (settings.temperature === 0) return mostProbable(scores);
      return sample(filtered(scores, settings), rows, settings.seed);
    }),
  );
}
