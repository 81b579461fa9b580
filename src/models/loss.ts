import { linearCrossEntropy } from "../nn/index.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { ForwardOptions, Tokens } from "./family.ts";
import type { Model } from "./model.ts";

/** Marks a position whose prediction does not count. */
export const ignored = -100;

/**
 * For labels [B T] (not shifted): the flat positions b·T + t whose next token counts, and those next tokens.
 */
export function supervisedPositions(
  labels: ArrayLike<number | bigint>,
  rows: number,
  columns: number,
): { positions: Int32Array; targets: BigInt64Array } {
  const positions: number[] = [];
  const targets: bigint[] = [];
  for (let row = 0; row < rows; row++) {
    for (let t = 1; t < columns; t++) {
      const label = Number(labels[row * columns + t]);
      if (label === ignored) continue;
      positions.push(row * columns + t - 1);
      targets.push(BigInt(label));
    }
  }
  return { positions: Int32Array.from(positions), targets: BigInt64Array.from(targets) };
}

/** Summed cross-entropy of the targets at some flat positions of the tokens; the head runs only there. → scalar, nats */
export function positionsLoss(
  model: Model,
  tokens: Tokens,
  { positions, targets }: { positions: Int32Array; targets: BigInt64Array },
  options: ForwardOptions = {},
): Tensor {
  const { weight, bias, softcap } = model.unembedding();
  if (bias !== undefined) throw new Error(`${model.config.family}: a head with a bias has no chunked loss yet.`);
  return scope(() => {
    const h = lastState(model, tokens, options); // [B T D]
    const flat = ops.reshape(h, [-1, h.size(-1)]);
    const chosen = ops.indexSelect(flat, 0, tensor(positions, { device: model.device }));
    return linearCrossEntropy(model.norm(chosen), weight, tensor(targets, { device: model.device }), softcap);
  });
}

/** The last state of the residual stream, with the earlier ones freed on the way. [B T D], or [N D] of some positions */
export function lastState(model: Model, tokens: Tokens, options: ForwardOptions = {}): Tensor {
  let last: Tensor | undefined;
  for (const h of model.layers(tokens, options)) {
    last?.dispose();
    last = h;
  }
  return last!;
}

/**
 * Mean cross-entropy over the positions whose label is not −100; labels [B T] are shifted inside. Equals transformers'
 * causal loss, without ever making the full logits.
 */
export function languageModelLoss(model: Model, batch: Tokens & { labels: Tensor }): Tensor {
  return scope(() => {
    const [rows, columns] = batch.labels.shape as [number, number];
    const supervised = supervisedPositions(batch.labels.toArray(), rows, columns);
    return ops.div(positionsLoss(model, batch, supervised), supervised.positions.length);
  });
}
