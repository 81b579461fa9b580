import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";
import { resampledForm } from "./resample.ts";

/** Gram matrix of the rows' deviations from their mean, in float64. [N D] → [N N] */
export const centredGram = (x: Tensor): Tensor =>
  noGrad(() =>
    scope(() => {
      const wide = ops.toDtype(x, "float64");
      const centred = ops.sub(wide, ops.mean(wide, [0], true));
      return ops.matmul(centred, ops.transpose(centred, 0, 1));
    }),
  );

const inner = (k: Tensor, l: Tensor): number => scope(() => ops.sumAll(ops.mul(k, l)).item());

/**
 * Linear centred kernel alignment of two sets of states (Kornblith et al. 2019), from their centred Gram matrices: 1 where one is a
 * rotation and scaling of the other. It grows with D / N even without any relation; `shuffledCka` says by how much. k, l: [N N]
 */
export const linearCka = (k: Tensor, l: Tensor): number => inner(k, l) / Math.sqrt(inner(k, k) * inner(l, l));

/**
 * The same without that bias: the ratio of unbiased estimates (Song et al. 2012), near 0 where there is no relation.
 * x: [N D], y: [N E]
 */
export function debiasedCka(x: Tensor, y: Tensor): number {
  const n = x.size(0);
  const hollow = (rows: Tensor) => {
    const wide = ops.toDtype(rows, "float64");
    const gram = ops.matmul(wide, ops.transpose(wide, 0, 1));
    return ops.maskedFill(gram, ops.eq(ops.unsqueeze(ops.arange(n), 0), ops.unsqueeze(ops.arange(n), 1)), 0);
  };
  return noGrad(() =>
    scope(() => {
      const [k, l] = [hollow(x), hollow(y)];
      const unbiased = (a: Tensor, b: Tensor) => {
        const [rowsA, rowsB] = [ops.sum(a, [0]), ops.sum(b, [0])];
        const totals = ops.sumAll(rowsA).item() * ops.sumAll(rowsB).item();
        return inner(a, b) + totals / ((n - 1) * (n - 2)) - (2 / (n - 2)) * inner(rowsA, rowsB);
      };
      return unbiased(k, l) / Math.sqrt(unbiased(k, k) * unbiased(l, l));
    }),
  );
}

/** Linear CKA of every bootstrap resample. k, l: [N N] centred, counts: [N B] → B */
export function resampledCka(k: Tensor, l: Tensor, counts: Tensor): Float64Array {
  const n = counts.size(0);
  return noGrad(() =>
    scope(() => {
      const [kw, lw] = [ops.matmul(k, counts), ops.matmul(l, counts)]; // [N B]
      // Σ wᵢwⱼ k̃ᵢⱼ l̃ᵢⱼ, where k̃ and l̃ are centred by the resample's own mean
      const aligned = (a: Tensor, b: Tensor, aw: Tensor, bw: Tensor) => {
        const whole = resampledForm(ops.mul(a, b), counts);
        const across = ops.sum(ops.mul(counts, ops.mul(aw, bw)), [0]).toArray() as Float64Array;
        const [totalA, totalB] = [aw, bw].map(
          (each) => ops.sum(ops.mul(counts, each), [0]).toArray() as Float64Array,
        ) as [Float64Array, Float64Array];
        return whole.map((sum, b) => sum - (2 * across[b]!) / n + (totalA[b]! * totalB[b]!) / n ** 2);
      };
      const [both, first, second] = [aligned(k, l, kw, lw), aligned(k, k, kw, kw), aligned(l, l, lw, lw)];
      return both.map((value, b) => value / Math.sqrt(first[b]! * second[b]!));
    }),
  );
}

/**
 * Mean and standard deviation of linear CKA over all ways to pair the sentences: exactly what shuffled pairs give. The moments of the
 * RV coefficient, which linear CKA is, under permutation (Kazi-Aoual et al. 1995). k, l: [N N] centred, N > 3
 */
export function shuffledCka(k: Tensor, l: Tensor): { mean: number; deviation: number } {
  const n = k.size(0);
  const moments = (gram: Tensor) =>
    scope(() => {
      const own = ops.diagonal(gram);
      const [trace, squares, diagonal] = [ops.sumAll(own).item(), inner(gram, gram), inner(own, own)];
      const beta = trace ** 2 / squares;
      const tau = ((n - 1) / ((n - 3) * (n - 1 - beta))) * ((n * (n + 1) * diagonal) / squares - (n - 1) * (beta + 2));
      return { beta, tau };
    });
  const [x, y] = [moments(k), moments(l)];
  const spread = (2 * (n - 1 - x.beta) * (n - 1 - y.beta)) / ((n + 1) * (n - 1) ** 2 * (n - 2));
  const variance = spread * (1 + ((n - 3) / (2 * n * (n - 1))) * x.tau * y.tau);
  return { mean: Math.sqrt(x.beta * y.beta) / (n - 1), deviation: Math.sqrt(Math.max(0, variance)) };
}
