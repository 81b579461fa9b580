import { setImmediate as nextTurn } from "node:timers/promises";
import { longestFirst } from "../data/longest-first.ts";
import { padRows, type TokenBatch } from "../data/token-batch.ts";
import { centredGram, linearCka, resampledCka, shuffledCka } from "../geometry/cka.ts";
import type { Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { UsageError } from "../run/errors.ts";
import type { LensRow } from "../run/records.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { pooler } from "./pooled.ts";
import { formMeasure, meanBands, type Resampling, resampling } from "./resampling.ts";
import type { LensProgress } from "./state-lens.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";
import { weightChanges } from "./weight-change.ts";

export interface DriftOptions {
  batchTokens: number;
  compute: Dtype;
  draws: number;
  seed: number;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
}

/** What the two models do to one language's sentences: a number per layer and sentence, and mean-pooled states. */
interface Walk {
  entering: Float64Array[];
  change: Float64Array[];
  cosine: Float64Array[];
  before: VectorStore;
  after: VectorStore;
}

/** The mean over each row's real tokens of a value per token [B T]. → B numbers */
function perSentence(values: Tensor, { lengths, columns }: TokenBatch): number[] {
  const flat = values.toFloats();
  return Array.from(lengths, (length, b) => {
    let sum = 0;
    for (let t = 0; t < length; t++) sum += flat[b * columns + t]!;
    return sum / length;
  });
}

const lengthOf = (x: Tensor): Tensor => ops.normAlong(ops.toDtype(x, "float32"), 2, [2]); // [B T]

const relative = (difference: Tensor, state: Tensor): Tensor =>
  ops.div(lengthOf(difference), ops.clampMin(lengthOf(state), 1e-12));

/**
 * Runs a batch through both models at once. Besides its own state, each block after gets the state that the model before had there:
 * what it makes of it otherwise enters the stream at this block, whatever was carried along from below.
 */
function walkBatch(
  [before, after]: readonly [Model, Model],
  batch: TokenBatch,
  see: (layer: number, found: { entering: Tensor; before: Tensor; after: Tensor }) => void,
): void {
  const tokens = rightPadded(before, batch);
  const { layers } = before.config;
  const [passA, passB] = [before.pass(tokens, {}), after.pass(tokens, {})];
  let [a, b] = [before.stage(0, tokens, passA, {}), after.stage(0, tokens, passB, {})];
  see(0, { entering: relative(ops.sub(b, a), a), before: a, after: b });
  for (let layer = 1; layer <= layers; layer++) {
    const local = after.stage(layer, a, passB, {});
    const [nextA, nextB] = [before.stage(layer, a, passA, {}), after.stage(layer, b, passB, {})];
    const entering = relative(ops.sub(local, nextA), nextA);
    for (const each of [a, b, local]) each.dispose();
    [a, b] = [nextA, nextB];
    const last = layer === layers;
    see(layer, { entering, before: last ? before.norm(a) : a, after: last ? after.norm(b) : b });
  }
}

async function walk(
  models: readonly [Model, Model],
  rows: readonly Int32Array[],
  options: DriftOptions,
  bar?: LensProgress,
): Promise<Walk> {
  const [model] = models;
  const { layers, width, padId = 0 } = model.config;
  const perLayer = () => Array.from({ length: layers + 1 }, () => new Float64Array(rows.length));
  const stores = [vectorStore(layers + 1, rows.length, width), vectorStore(layers + 1, rows.length, width)] as const;
  const found: Walk = {
    entering: perLayer(),
    change: perLayer(),
    cosine: perLayer(),
    before: stores[0],
    after: stores[1],
  };
  let done = 0;
  for (const chosen of longestFirst(
    rows.map((row) => row.length),
    options.batchTokens,
  )) {
    const batch = padRows(
      chosen.map((row) => rows[row]!),
      padId,
    );
    const gather = pooler(batch.lengths, batch.columns, ["mean"], model.device);
    const see: Parameters<typeof walkBatch>[2] = (layer, { entering, before, after }) =>
      scope(() => {
        const product = ops.sum(ops.mul(ops.toDtype(before, "float32"), ops.toDtype(after, "float32")), [2]);
        const cosine = ops.div(product, ops.clampMin(ops.mul(lengthOf(before), lengthOf(after)), 1e-20));
        const lists = [found.entering, found.change, found.cosine];
        for (const [k, values] of [entering, relative(ops.sub(after, before), before), cosine].entries())
          for (const [b, value] of perSentence(values, batch).entries()) lists[k]![layer]![chosen[b]!] = value;
        for (const [store, h] of [
          [found.before, before],
          [found.after, after],
        ] as const)
          gather(h, (b, _, vector) => store.write(layer, chosen[b]!, vector));
      });
    noGrad(() => scope(() => autocast(model.device, options.compute, () => walkBatch(models, batch, see))));
    done += chosen.length;
    bar?.update(done, rows.length);
    await nextTurn();
    options.signal?.throwIfAborted();
  }
  return found;
}

/** Linear CKA of a layer's mean-pooled sentences before and after; shuffled: the sentences in another order. */
function ckaRow(found: Walk, layer: number, { counts, n }: Resampling): Omit<LensRow, "layer"> {
  return scope(() => {
    const gram = (store: VectorStore) => centredGram(tensor(store.read(layer), { shape: [n, store.width] }));
    const [k, l] = [gram(found.before), gram(found.after)];
    const { mean, deviation } = shuffledCka(k, l);
    return {
      ...formMeasure("cka_before_after", linearCka(k, l), resampledCka(k, l, counts)),
      shuffled: mean,
      shuffled_low: mean - 1.96 * deviation,
      shuffled_high: mean + 1.96 * deviation,
    };
  });
}

function checkSameShape(before: Model, after: Model): void {
  const shape = ({ config }: Model) => `${config.family}, ${config.layers} blocks of width ${config.width}`;
  if (shape(before) !== shape(after))
    throw new UsageError(`Drift compares two states of one model: ${shape(before)} before, ${shape(after)} after.`);
}

/**
 * What training moved, by layer: the weights (`weightChanges`); for each language the states, as linear CKA of sentences before and
 * after, their cosine and relative change per token; and `entering`, the relative change that each block makes of its own, where both
 * models are given the state before. All with bootstrap bands over sentences.
 */
export async function driftRows(
  [before, after]: readonly [Model, Model],
  tokenizer: Tokenizer,
  texts: ReadonlyMap<string, readonly string[]>,
  options: DriftOptions,
): Promise<LensRow[]> {
  checkSameShape(before, after);
  const rows = weightChanges(before, after);
  const { maximumLength, layers } = before.config;
  for (const [language, lines] of texts) {
    const encoded = await tokenizer.encodeBatch(lines);
    const bar = options.progress?.(`drift ${language}`);
    const ids = encoded.map((each) => Int32Array.from(each.ids.slice(0, maximumLength)));
    const found = await walk([before, after], ids, options, bar);
    bar?.finish();
    const drawn = resampling(ids.length, options.draws, options.seed);
    for (let layer = 0; layer <= layers; layer++) {
      const lists = {
        entering: found.entering[layer]!,
        state_change: found.change[layer]!,
        state_cosine: found.cosine[layer]!,
      };
      const bands = meanBands(Object.values(lists), drawn);
      const means = Object.entries(lists).map(([metric, values], i) => ({
        metric,
        value: values.reduce((sum, value) => sum + value, 0) / values.length,
        ...bands[i]!,
      }));
      for (const row of [...means, ckaRow(found, layer, drawn)]) rows.push({ layer, language, ...row, n: ids.length });
    }
    drawn.counts.dispose();
    found.before.close();
    found.after.close();
  }
  return rows;
}
