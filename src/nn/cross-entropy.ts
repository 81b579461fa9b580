import {
  autocast,
  autocastDtype,
  type Dtype,
  enableGrad,
  gradEnabled,
  knownGradient,
  noGrad,
  ops,
  scope,
  type Tensor,
} from "../tensor/index.ts";
import { rounded, slowHalf } from "./half-product.ts";
import { softcapped } from "./softcap.ts";

/** Logits are made for this many bytes at a time, in one reused buffer. */
const chunkBytes = 128 * 2 ** 20;

/** What is the same for every chunk. */
interface Task {
  /** [V D] in the type of the products */
  weight: Tensor;
  /** logits z are cap · tanh(z / cap) */
  softcap: number | undefined;
  /** accumulates ∂ nll / ∂ weight [V D], where asked for */
  weightGradient: Tensor | undefined;
  wantHidden: boolean;
  /** where float32 logits of a chunk are made [n V]; one for all chunks */
  buffer: Tensor | undefined;
}

interface Parts {
  nll: Tensor;
  /** ∂ nll / ∂ hidden [N D], where asked for */
  hidden?: Tensor;
  /** ∂ nll / ∂ weight [V D], where asked for */
  weight?: Tensor;
}

/** h Wᵀ in float32. [n V] */
function products(h: Tensor, { weight, buffer }: Task): Tensor {
  if (buffer === undefined) return ops.toDtype(ops.linearOp(h, weight), "float32");
  const out = ops.narrow(buffer, 0, 0, h.size(0));
  ops.mmInto(h, ops.transpose(weight, 0, 1), out);
  return out;
}

/**
 * One chunk: its loss, and its logits' gradient softmax − one-hot turned into those of hidden and weight. Everything happens in
 * the buffer of the logits, the largest of the whole step.
 */
function chunk(h: Tensor, labels: Tensor, task: Task): Parts {
  const { weight, softcap, weightGradient, wantHidden } = task;
  const logits = softcapped(products(h, task), softcap); // [n V]
  // ∂ cap · tanh(z / cap) / ∂ z = 1 − tanh²
  const slope = softcap === undefined ? undefined : ops.add(ops.neg(ops.square(ops.div(logits, softcap))), 1);
  const index = ops.unsqueeze(labels, 1);
  const largest = ops.amax(logits, [1], true);
  ops.subInto(logits, largest);
  const target = ops.gather(logits, 1, index); // [n 1], as a difference to the largest
  ops.expInto(logits);
  const total = ops.sum(logits, [1], true);
  const nll = ops.sumAll(ops.sub(ops.log(total), target));
  if (!wantHidden && weightGradient === undefined) return { nll };
  ops.divInto(logits, total);
  ops.scatterAddInto(logits, 1, index, ops.mul(ops.ones([labels.size(0), 1], "float32", h.device), -1));
  if (slope !== undefined) ops.mulInto(logits, slope);
  const gradient = ops.toDtype(logits, h.dtype); // [n V]
  if (weightGradient !== undefined) {
    if (h.dtype === "float32") ops.addmmInto(weightGradient, ops.transpose(gradient, 0, 1), h);
    else ops.addInto(weightGradient, ops.mm(ops.transpose(gradient, 0, 1), h));
  }
  return wantHidden ? { nll, hidden: ops.mm(gradient, weight) } : { nll };
}

/** Runs `body` without recording a graph; `cast` gives operands the type that products with `like` are made in. */
function multiplying<T>(like: Tensor, body: (cast: (x: Tensor) => Tensor) => T): T {
  const slow = slowHalf(like);
  if (slow !== undefined) return noGrad(() => autocast("cpu", "float32", () => body((x) => rounded(x, slow))));
  const type: Dtype = autocastDtype() ?? like.dtype;
  return noGrad(() => body((x) => ops.toDtype(x, type)));
}

/** All chunks. */
function accumulate(
  states: Tensor,
  weight: Tensor,
  labels: Tensor,
  softcap: number | undefined,
  want: { hidden: boolean; weight: boolean },
): Parts {
  return multiplying(states, (cast) => {
    const hidden = cast(states);
    const rows = hidden.size(0);
    const step = Math.max(16, Math.floor(chunkBytes / (4 * weight.size(0))));
    const weightGradient = want.weight ? ops.zeros(weight.shape, "float32", weight.device) : undefined;
    const buffer =
      hidden.dtype === "float32"
        ? ops.empty([Math.min(step, rows), weight.size(0)], "float32", weight.device)
        : undefined;
    const task: Task = { weight: cast(weight), softcap, weightGradient, wantHidden: want.hidden, buffer };
    const parts: Parts[] = [];
    for (let start = 0; start < rows; start += step) {
      const length = Math.min(step, rows - start);
      const piece = (x: Tensor) => ops.narrow(x, 0, start, length);
      parts.push(scope(() => chunk(piece(hidden), piece(labels), task)));
    }
    const nll = ops.sumAll(ops.stack(parts.map((part) => part.nll)));
    return {
      nll,
      ...(want.hidden && { hidden: ops.cat(parts.map((part) => part.hidden!)) }),
      ...(weightGradient !== undefined && { weight: weightGradient }),
    };
  });
}

/**
 * Summed cross-entropy of a linear head, in chunks: never a full [N V] tensor, and no logits are kept for the backward pass.
 * It computes ∂ℓ/∂h and ∂ℓ/∂W itself, on the way forward, and hands them on under any outer factor (Liger-Kernel's and TRL's
 * chunked losses work alike).
 *
 * hidden: [N D] after the final norm, weight: [V D], labels: [N] int64, softcap: of the logits → scalar, nats
 */
export function linearCrossEntropy(hidden: Tensor, weight: Tensor, labels: Tensor, softcap?: number): Tensor {
  const want = { hidden: hidden.requiresGrad, weight: gradEnabled() && weight.requiresGrad };
  return scope(() => {
    const parts = accumulate(hidden, weight, labels, softcap, want);
    if (parts.hidden === undefined && parts.weight === undefined) return parts.nll;
    return enableGrad(() => {
      let loss = parts.nll;
      if (parts.hidden !== undefined)
        loss = ops.add(loss, knownGradient(hidden, ops.toDtype(parts.hidden, hidden.dtype)));
      if (parts.weight !== undefined)
        loss = ops.add(loss, knownGradient(weight, ops.toDtype(parts.weight, weight.dtype)));
      return loss;
    });
  });
}

export interface TokenLogProbs {
  /** log p(label), nats [N] */
  logProbs: Float32Array;
  /** 1 where the label is the most likely token [N] */
  greedy: Uint8Array;
}

/**
 * log p(label) per row and whether it is the arg max, in chunks and in float32, without gradients.
 * hidden: [N D] after the final norm, weight: [V D], labels: N ids, softcap: of the logits
 */
export function linearLogProbs(hidden: Tensor, weight: Tensor, labels: Tensor, softcap?: number): TokenLogProbs {
  return multiplying(hidden, (cast) =>
    scope(() => {
      const rows = hidden.size(0);
      const step = Math.max(16, Math.floor(chunkBytes / (4 * weight.size(0))));
      const [states, compute] = [cast(hidden), cast(weight)];
      const logProbs = new Float32Array(rows);
      const greedy = new Uint8Array(rows);
      for (let start = 0; start < rows; start += step) {
        const length = Math.min(step, rows - start);
        scope(() => {
          const product = ops.linearOp(ops.narrow(states, 0, start, length), compute);
          const logits = softcapped(ops.toDtype(product, "float32"), softcap); // [n V]
          const target = ops.gather(logits, 1, ops.unsqueeze(ops.narrow(labels, 0, start, length), 1)); // [n 1]
          logProbs.set(ops.sub(target, ops.logsumexp(logits, [1], true)).toFloats(), start);
          greedy.set(ops.ge(target, ops.amax(logits, [1], true)).toArray() as Uint8Array, start);
        });
      }
      return { logProbs, greedy };
    }),
  );
}
