import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import { lastState } from "../models/loss.ts";
import type { Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { linearLogProbs } from "../nn/index.ts";
import { permutation } from "../stats/random.ts";
import { autocast, type Dtype, noGrad, scope, tensor } from "../tensor/index.ts";
import { type NeuronSet, withoutNeurons } from "./neuron-activity.ts";

/** Held-out text of one language. */
export interface HeldOut {
  rows: readonly Int32Array[];
  /** UTF-8 bytes of each row's text */
  bytes: readonly number[];
}

export interface DeactivationOptions {
  batchTokens: number;
  compute: Dtype;
  signal?: AbortSignal;
}

/** Summed −log2 p of every row's tokens behind the first `prefix`. → one number per row */
async function bitsOf(
  model: Model,
  rows: readonly Int32Array[],
  prefix: number,
  { batchTokens, compute, signal }: DeactivationOptions,
): Promise<Float64Array> {
  const bits = new Float64Array(rows.length);
  const { weight, softcap } = model.unembedding();
  for (const chosen of longestFirst(
    rows.map((row) => row.length),
    batchTokens,
  )) {
    const batch = padRows(
      chosen.map((row) => rows[row]!),
      model.config.padId ?? 0,
    );
    const places: { row: number; at: number; target: number }[] = [];
    for (const [b, row] of chosen.entries())
      for (let t = Math.max(1, prefix); t < rows[row]!.length; t++)
        places.push({ row, at: b * batch.columns + t - 1, target: rows[row]![t]! });
    noGrad(() =>
      scope(() => {
        const only = tensor(
          Int32Array.from(places, ({ at }) => at),
          { device: model.device },
        );
        const labels = tensor(
          places.map(({ target }) => target),
          { dtype: "int64", device: model.device },
        );
        const h = autocast(model.device, compute, () =>
          model.norm(lastState(model, rightPadded(model, batch), { only })),
        ); // [N D]
        const { logProbs } = linearLogProbs(h, weight, labels, softcap);
        for (const [i, { row }] of places.entries()) bits[row]! -= logProbs[i]! / Math.LN2;
      }),
    );
    await nextTurn();
    signal?.throwIfAborted();
  }
  return bits;
}

/** As many neurons of each block, drawn at random: the control of a deactivation. */
export function randomNeurons(like: NeuronSet, width: number, seed: number): NeuronSet {
  return new Map(
    [...like].map(([index, neurons]) => [index, [...permutation(width, seed, index).subarray(0, neurons.length)]]),
  );
}

/** Bits of every language's held-out rows, of the model as it is or without some neurons. */
export async function heldOutBits(
  model: Model,
  texts: ReadonlyMap<string, HeldOut>,
  prefix: number,
  options: DeactivationOptions,
  off?: { neurons: NeuronSet; width: number },
): Promise<Map<string, Float64Array>> {
  const without = off && withoutNeurons(model, off.neurons, off.width);
  const found = new Map<string, Float64Array>();
  for (const [code, { rows }] of texts) found.set(code, await bitsOf(without?.model ?? model, rows, prefix, options));
  without?.dispose();
  return found;
}
