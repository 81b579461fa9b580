import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import { autocast, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { LastStatesOptions } from "./last-states.ts";
import type { VectorStore } from "./vector-store.ts";

/** numbers of a distribution in memory at once */
const mostNumbers = 2 ** 24;

/** What a block would predict next, for some items. */
export interface LayerPrediction {
  /** 1 = after the first block */
  layer: number;
  /** index of the first item; the others follow */
  first: number;
  /** before the final norm, [R D] */
  states: Tensor;
  /** after final norm, unembedding and softmax, [R V] float32 */
  probabilities: Tensor;
  /** in bits, R numbers */
  entropies: Float32Array;
}

/**
 * The logit lens (nostalgebraist 2020): final norm and unembedding on the output of every block. Shows each part to `each`, whose
 * tensors are freed afterwards; the last layer's is the model's own prediction.
 */
export async function layerPredictions(
  model: Model,
  states: VectorStore,
  { compute, signal, progress }: Pick<LastStatesOptions, "compute" | "signal" | "progress">,
  each: (prediction: LayerPrediction) => void,
): Promise<void> {
  const { layers, width, vocabulary } = model.config;
  const rows = Math.max(1, Math.min(256, Math.floor(mostNumbers / vocabulary)));
  for (let layer = 1; layer <= layers; layer++) {
    for (let first = 0; first < states.rows; first += rows) {
      const count = Math.min(rows, states.rows - first);
      noGrad(() =>
        scope(() => {
          const h = tensor(states.read(layer - 1, first, count), { shape: [count, width], device: model.device });
          const logits = ops.toDtype(
            autocast(model.device, compute, () => model.head(h)),
            "float32",
          );
          const log = ops.logSoftmax(logits, 1);
          const probabilities = ops.exp(log);
          // p log p is 0 where p is, since log p stays finite
          const nats = ops.neg(ops.sum(ops.mul(probabilities, log), [1]));
          const entropies = ops.div(nats, Math.LN2).toFloats();
          each({ layer, first, states: h, probabilities, entropies });
        }),
      );
      await nextTurn();
      signal?.throwIfAborted();
    }
    progress?.(layer, layers);
  }
}
