import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows } from "../data/token-batch.ts";
import { lastState } from "../models/loss.ts";
import { type Model, makeModel } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { lengthMask } from "../nn/index.ts";
import { permutation } from "../stats/random.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

export interface ActivityOptions {
  batchTokens: number;
  compute: Dtype;
  seed: number;
  progress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** On how many tokens each neuron of each block was active, by language. */
export interface NeuronCounts {
  /** [L languages F] */
  active: Float64Array[][];
  /** tokens of each language */
  tokens: Float64Array;
}

export interface NeuronActivity {
  codes: string[];
  /** neurons of a block */
  width: number;
  own: NeuronCounts;
  /** the same where each sentence's languages are exchanged at random */
  exchanged: NeuronCounts;
}

/** The model as it is, whose neurons are shown to `see` on the way: the same functions, the same bits. */
export function watchingNeurons(model: Model, see: (index: number, active: Tensor) => void): Model {
  return makeModel(
    {
      ...model,
      neurons(index, middle, pass) {
        const found = model.neurons(index, middle, pass);
        see(index, found.active);
        return found;
      },
    },
    model.device,
    model.eosIds,
  );
}

const noCounts = (layers: number, languages: number): NeuronCounts => ({
  active: Array.from({ length: layers }, () => Array<Float64Array>(languages)),
  tokens: new Float64Array(languages),
});

/** Adds a sentence's counts of one block to a language's. */
function addCounts({ active }: NeuronCounts, index: number, language: number, counts: Float32Array): void {
  active[index]![language] ??= new Float64Array(counts.length);
  const into = active[index]![language];
  for (let j = 0; j < counts.length; j++) into[j]! += counts[j]!;
}

/**
 * Counts on how many tokens each neuron of the feed-forward layers is active, for parallel rows of token ids in each language; the
 * first `prefix` tokens of a row, which the tokenizer adds, count for nothing.
 */
export async function neuronActivity(
  model: Model,
  rows: ReadonlyMap<string, readonly Int32Array[]>,
  prefix: number,
  options: ActivityOptions,
): Promise<NeuronActivity> {
  const codes = [...rows.keys()];
  const sentences = Math.min(...[...rows.values()].map((each) => each.length));
  const [own, exchanged] = [noCounts(model.config.layers, codes.length), noCounts(model.config.layers, codes.length)];
  // the language under which a sentence is counted where the languages of its translations are exchanged
  const exchange = Array.from({ length: sentences }, (_, i) => permutation(codes.length, options.seed, i));
  let done = 0;
  for (const [l, code] of codes.entries()) {
    const of = rows.get(code)!.slice(0, sentences);
    for (const chosen of longestFirst(
      of.map((row) => row.length),
      options.batchTokens,
    )) {
      const places = chosen.map((row) => [[own, l] as const, [exchanged, exchange[row]![l]!] as const]);
      countBatch(
        model,
        chosen.map((row) => of[row]!),
        prefix,
        options.compute,
        places,
      );
      done += chosen.length;
      options.progress?.(done, codes.length * sentences);
      await nextTurn();
      options.signal?.throwIfAborted();
    }
  }
  return { codes, width: own.active[0]?.[0]?.length ?? 0, own, exchanged };
}

/** Runs one batch and adds each row's counts to the languages it counts for. */
function countBatch(
  model: Model,
  rows: readonly Int32Array[],
  prefix: number,
  compute: Dtype,
  places: readonly (readonly (readonly [NeuronCounts, number])[])[],
): void {
  const batch = padRows(rows, model.config.padId ?? 0);
  const count = (index: number, active: Tensor): void => {
    const width = active.size(2);
    const perRow = scope(() => activeTokens(active, batch.lengths, prefix, model.device)); // [B F]
    for (const [row, of] of places.entries())
      for (const [counts, language] of of)
        addCounts(counts, index, language, perRow.subarray(row * width, (row + 1) * width));
  };
  const watched = watchingNeurons(model, count);
  noGrad(() => scope(() => autocast(model.device, compute, () => lastState(watched, rightPadded(model, batch)))));
  for (const [row, of] of places.entries())
    for (const [{ tokens }, language] of of) tokens[language]! += Math.max(0, rows[row]!.length - prefix);
}

/** Tokens of each row on which each neuron is active. active: [B T F] → [B F] */
function activeTokens(active: Tensor, lengths: Int32Array, prefix: number, device: string): Float32Array {
  const [batch, columns] = active.shape as [number, number];
  const mask = lengthMask(lengths, columns, device); // [B T]
  const counted = ops.mul(mask, ops.toDtype(ops.ge(ops.arange(columns, "int64", device), prefix), "float32"));
  const flags = ops.toDtype(ops.gt(active, 0), "float32");
  return ops.bmm(ops.view(counted, [batch, 1, columns]), flags).toFloats();
}

/** Neurons of each block that are switched off. */
export type NeuronSet = ReadonlyMap<number, readonly number[]>;

/** The model without some neurons of its `width` per block: what they would add to the stream is left out. The caller disposes the masks. */
export function withoutNeurons(model: Model, off: NeuronSet, width: number): { model: Model; dispose(): void } {
  const masks = new Map(
    [...off].map(([index, neurons]) => {
      const mask = new Float32Array(width).fill(1);
      for (const neuron of neurons) mask[neuron] = 0;
      return [index, tensor(mask, { device: model.device }).retain()] as const;
    }),
  );
  const output: Model["output"] = (index, middle, values, pass) => {
    const mask = masks.get(index);
    const kept = mask === undefined ? values : ops.mul(values, ops.toDtype(mask, values.dtype));
    return model.output(index, middle, kept, pass);
  };
  return {
    model: makeModel({ ...model, output }, model.device, model.eosIds),
    dispose() {
      for (const mask of masks.values()) mask.dispose();
    },
  };
}
