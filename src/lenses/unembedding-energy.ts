import type { Model } from "../models/model.ts";
import { mergedWeight } from "../nn/index.ts";
import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

/** rows of the unembedding at once */
const portion = 8192;

/**
 * The weight of the final norm, whatever the family calls it: the half difference of the norm of x and of −x, where x is ±1 in turn and
 * so has mean 0 and variance 1. [D]
 */
function normWeight(model: Model): Tensor {
  const { width } = model.config;
  const signs = tensor(
    Float32Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 1 : -1)),
    { shape: [1, width], device: model.device },
  );
  const odd = ops.sub(model.norm(signs), model.norm(ops.neg(signs)));
  return ops.reshape(ops.mul(ops.div(odd, 2), signs), [width]);
}

/** Maps states before the final norm, [R D], to R energies. */
export interface Energy {
  of(states: Tensor): number[];
  dispose(): void;
}

/**
 * Wendler et al. 2024's energy: how much of a state the unembedding reads. The root mean square over the vocabulary of the cosine
 * between the state and the unembedding's rows (times the final norm's weight), divided by the same of the rows themselves.
 */
export function unembeddingEnergy(model: Model): Energy {
  const gram = noGrad(() => scope(() => unitRowsGram(model).retain()));
  const vocabulary = model.unembedding().weight.size(0);
  // Σ (U Uᵀ)² = Σ (Uᵀ U)², of which the latter is D by D
  const own = scope(() => ops.norm(gram).item()) / vocabulary;
  return {
    of: (states) =>
      noGrad(() =>
        scope(() => {
          const h = ops.toDtype(states, "float64");
          const read = ops.sum(ops.mul(h, ops.matmul(h, gram)), [1]).toArray() as Float64Array; // Σᵥ (uᵥ · h)²
          const length = ops.sum(ops.square(h), [1]).toArray() as Float64Array;
          return Array.from(read, (sum, i) => Math.sqrt(sum / vocabulary / length[i]!) / own);
        }),
      ),
    dispose: () => gram.dispose(),
  };
}

/** Uᵀ U of the unembedding's rows at length 1; a row of zeros counts as zero. [D D] float64 */
function unitRowsGram(model: Model): Tensor {
  const head = model.unembedding();
  const weight = mergedWeight(head); // [V D]
  const factor = normWeight(model);
  const [vocabulary, width] = weight.shape as [number, number];
  const gram = ops.zeros([width, width], "float64", model.device);
  for (let start = 0; start < vocabulary; start += portion)
    scope(() => {
      const rows = ops.narrow(weight, 0, start, Math.min(portion, vocabulary - start));
      const scaled = ops.mul(ops.toDtype(rows, "float32"), factor);
      const unit = ops.div(scaled, ops.clampMin(ops.normAlong(scaled, 2, [1], true), 1e-30));
      ops.addInto(gram, ops.matmul(ops.transpose(unit, 0, 1), unit)); // in float32, the sum over portions in float64
    });
  return gram;
}
