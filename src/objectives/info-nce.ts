import { autocast, noGrad, ops, type Tensor } from "../tensor/index.ts";

export interface InfoNceOptions {
  temperature: number;
  /** one: rows of u find theirs among v; symmetric: both ways, averaged */
  direction: "one" | "symmetric";
  /** further wrong answers for u, one per row [N D] (hard negatives) */
  hard?: Tensor | undefined;
  /** true where row i and row j mean the same, so that neither is a wrong answer to the other [N N] bool */
  same?: Tensor | undefined;
}

export interface InfoNce {
  /** summed over the N pairs, nats */
  sum: Tensor;
  /** pairs whose translation is the nearest of the batch (mean of both ways when symmetric) */
  correct: number;
}

const normalize = (x: Tensor): Tensor => ops.div(x, ops.clampMin(ops.normAlong(x, 2, [1], true), 1e-8));

/** Scores of wrong answers that are right ones become −∞; the diagonal stays. [N N] */
function withoutTwins(scores: Tensor, same: Tensor | undefined): Tensor {
  if (same === undefined) return scores;
  const here = ops.arange(scores.size(0), "int64", scores.device);
  const others = ops.ne(ops.unsqueeze(here, 1), ops.unsqueeze(here, 0));
  return ops.maskedFill(scores, ops.logicalAnd(same, others), Number.NEGATIVE_INFINITY);
}

/**
 * InfoNCE (van den Oord et al. 2018) on cosine similarities: Σᵢ −log softmaxⱼ(cos(uᵢ, vⱼ) / τ)ᵢ, or the mean of both
 * directions. AFP's MCL is direction "one" with τ = 0.05 (Li et al. 2024, official decoder_models.py).
 *
 * u, v: [N D], row i of each translates the other
 */
export function infoNce(u: Tensor, v: Tensor, { temperature, direction, hard, same }: InfoNceOptions): InfoNce {
  // 1/τ multiplies rounding, so similarities are never made in half precision
  return autocast(u.device, "float32", () => {
    const similar = (a: Tensor, b: Tensor) =>
      ops.div(ops.matmul(normalize(a), ops.transpose(normalize(b), 0, 1)), temperature);
    const scores = withoutTwins(similar(u, v), same); // [N N]
    const forward = hard === undefined ? scores : ops.cat([scores, similar(u, hard)], 1); // [N N] or [N 2N]
    const ways = direction === "one" ? [forward] : [forward, ops.transpose(scores, 0, 1)];
    const sums = ways.map((s) => ops.neg(ops.sumAll(ops.diagonal(ops.logSoftmax(s, 1)))));
    const here = ops.arange(u.size(0), "int64", u.device);
    const correct = ways.map((s) => ops.sumAll(ops.eq(ops.argmax(s, 1), here)).item());
    const total = sums.reduce((a, b) => ops.add(a, b));
    return { sum: ops.div(total, ways.length), correct: correct.reduce((a, b) => a + b) / ways.length };
  });
}

/**
 * Wang & Isola 2020 on unit vectors: alignment, the mean squared distance of translations (0 is perfect), and uniformity,
 * log mean exp(−2 · squared distance) over different sentences of either side (lower is more spread out). u, v: [N D]
 */
export function alignmentAndUniformity(u: Tensor, v: Tensor): { alignment: number; uniformity: number } {
  return noGrad(() =>
    autocast(u.device, "float32", () => {
      const [a, b] = [normalize(u), normalize(v)];
      const alignment = ops.div(ops.sumAll(ops.square(ops.sub(a, b))), u.size(0)).item();
      const count = u.size(0);
      const spread = [a, b].map((x) => {
        const distance = ops.mul(ops.sub(ops.matmul(x, ops.transpose(x, 0, 1)), 1), -2); // [N N], squared
        const sum = ops.sumAll(ops.exp(ops.mul(distance, -2))).item() - count; // without each one itself
        return Math.log(sum / (count * (count - 1)));
      });
      return { alignment, uniformity: (spread[0]! + spread[1]!) / 2 };
    }),
  );
}
