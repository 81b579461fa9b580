import { lastState } from "../models/loss.ts";
import type { Model } from "../models/model.ts";
import { autocast, type Dtype, noGrad, ops, scope, tensor } from "../tensor/index.ts";
import { type Score, type ScoreRequest, windowed } from "./score.ts";

/** Logits are made for so many positions at a time. */
const positionsAtOnce = 64;

/**
 * A score by its definition: the whole row through the model by itself, log-softmax over the vocabulary. What `scoreRequests`
 * gives must equal it but for rounding; nothing but the model is common to the two.
 */
export function scoreAlone(model: Model, request: ScoreRequest, compute: Dtype = "float32"): Score {
  const { ids, targets } = windowed(request, model.config.maximumLength);
  const inputs = ids.length - 1;
  const score: Score = { logprob: 0, greedy: true, tokens: targets };
  noGrad(() =>
    scope(() =>
      autocast(model.device, compute, () => {
        const row = tensor(ids.subarray(0, inputs), { shape: [1, inputs], device: model.device });
        const h = lastState(model, { ids: row });
        for (let first = inputs - targets; first < inputs; first += positionsAtOnce) {
          const count = Math.min(positionsAtOnce, inputs - first);
          scope(() => {
            const logits = ops.toDtype(model.head(ops.narrow(ops.select(h, 0, 0), 0, first, count)), "float32"); // [n V]
            const wanted = tensor(ids.subarray(first + 1, first + 1 + count), { dtype: "int64", device: model.device });
            const chosen = ops.gather(ops.logSoftmax(logits, 1), 1, ops.unsqueeze(wanted, 1)).toFloats();
            const best = ops.argmax(logits, 1).toArray();
            for (let i = 0; i < count; i++) {
              score.logprob += chosen[i]!;
              score.greedy &&= Number(best[i]) === ids[first + 1 + i];
            }
          });
        }
      }),
    ),
  );
  return score;
}
