import type { Model } from "../models/model.ts";
import { type Head, linear, softcapped } from "../nn/index.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** Which next tokens are asked for. */
export interface Questions {
  /** row of the states that each is about, ascending */
  rows: Int32Array;
  tokens: Int32Array;
}

export interface Answers {
  /** log p(token), nats */
  logProbs: Float32Array;
  /** 1 where no token is more likely */
  greedy: Uint8Array;
}

/** Logits of so many rows and tokens of the vocabulary at a time: on a CPU they stay in its cache. */
const sizes = { cpu: { rows: 512, columns: 1024 }, other: { rows: 256, columns: 2 ** 17 } };

interface Question {
  /** place among the answers */
  index: number;
  row: number;
  token: number;
}

/** The part of an unembedding that makes the logits of `width` tokens from `start` on. */
function part({ weight, bias, transposed, lora, softcap }: Head, start: number, width: number): Head {
  return {
    weight: ops.narrow(weight, transposed ? 1 : 0, start, width),
    ...(transposed && { transposed }),
    ...(bias && { bias: ops.narrow(bias, 0, start, width) }),
    ...(lora && { lora: { ...lora, b: ops.narrow(lora.b, 0, start, width) } }),
    softcap,
  };
}

/**
 * One strip: log-sum-exp and maximum of each row [n], and the logits that are asked for. They leave as arrays: small tensors
 * that outlive the logits would break up the memory that the next strip could reuse.
 */
function strip(head: Head, states: Tensor, places: readonly number[]) {
  return scope(() => {
    const logits = softcapped(ops.toDtype(linear(head, states), "float32"), head.softcap); // [n width]
    const index = () => tensor(places as number[], { dtype: "int64", device: states.device });
    return {
      sum: ops.logsumexp(logits, [1]).toFloats(),
      top: ops.amax(logits, [1]).toFloats(),
      chosen: places.length === 0 ? [] : ops.indexSelect(ops.view(logits, [-1]), 0, index()).toFloats(),
    };
  });
}

/** log Σ exp of the strips' own, and the maximum, of one row. */
function combined(strips: readonly { sum: Float32Array; top: Float32Array }[], row: number) {
  const most = strips.reduce((most, { sum }) => Math.max(most, sum[row]!), Number.NEGATIVE_INFINITY);
  const rest = strips.reduce((total, { sum }) => total + Math.exp(sum[row]! - most), 0);
  return {
    sum: most + Math.log(rest),
    top: strips.reduce((most, { top }) => Math.max(most, top[row]!), Number.NEGATIVE_INFINITY),
  };
}

/** A chunk of rows against the whole vocabulary. states: [n D], after the final norm */
function answerChunk(head: Head, states: Tensor, questions: readonly Question[], columns: number, into: Answers): void {
  const vocabulary = head.weight.size(head.transposed ? 1 : 0);
  const byToken = [...questions].sort((a, b) => a.token - b.token);
  const targets = new Float32Array(questions.length);
  const strips: { sum: Float32Array; top: Float32Array }[] = [];
  let next = 0;
  for (let start = 0; start < vocabulary; start += columns) {
    const width = Math.min(columns, vocabulary - start);
    const from = next;
    while (next < byToken.length && byToken[next]!.token < start + width) next++;
    const places = byToken.slice(from, next).map(({ row, token }) => row * width + token - start);
    const found = strip(part(head, start, width), states, places);
    strips.push(found);
    targets.set(found.chosen, from);
  }
  const rows = Array.from({ length: states.size(0) }, (_, row) => combined(strips, row));
  byToken.forEach(({ index, row }, i) => {
    into.logProbs[index] = targets[i]! - rows[row]!.sum;
    into.greedy[index] = targets[i]! >= rows[row]!.top ? 1 : 0;
  });
}

/**
 * log p of next tokens after some states, in chunks of rows and strips of the vocabulary: never a full [N V] tensor. Logits
 * and log-sum-exp are float32. Without gradients. states: [N D], before the final norm
 */
export function answerQuestions(model: Model, states: Tensor, { rows, tokens }: Questions): Answers {
  const into: Answers = { logProbs: new Float32Array(rows.length), greedy: new Uint8Array(rows.length) };
  const { rows: chunkRows, columns } = model.device === "cpu" ? sizes.cpu : sizes.other;
  let next = 0;
  for (let start = 0; start < states.size(0); start += chunkRows) {
    const length = Math.min(chunkRows, states.size(0) - start);
    const questions: Question[] = [];
    for (; next < rows.length && rows[next]! < start + length; next++)
      questions.push({ index: next, row: rows[next]! - start, token: tokens[next]! });
    scope(() => {
      const normed = model.norm(ops.narrow(states, 0, start, length));
      answerChunk(model.unembedding(), normed, questions, columns, into);
    });
  }
  return into;
}
