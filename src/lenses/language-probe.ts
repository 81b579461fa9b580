import { linearProbe } from "../geometry/linear-probe.ts";
import { band, resampleCounts, resampledMeans } from "../geometry/resample.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { SentenceStates } from "./sentence-states.ts";
import type { StateLens } from "./state-lens.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

/** sentences per language; more move the accuracy little and cost much */
const mostSentences = 200;

export interface ProbeOptions {
  layers: readonly number[];
  poolings: readonly Pooling[];
  draws: number;
  seed: number;
}

/**
 * How well a linear probe tells the language of a sentence from its state: trained on every second sentence in all languages, tested
 * on the others, and the other way round, so that no translation of a tested sentence was seen. `language_id` has a bootstrap band
 * over sentences; shuffled languages give 1 / languages.
 */
export function languageProbe({ layers, poolings, draws, seed }: ProbeOptions): StateLens {
  const kept: VectorStore[] = [];
  const places = layers.flatMap((layer) => poolings.map((pooling) => ({ layer, pooling })));

  function keep(_: string, states: SentenceStates): void {
    const rows = Math.min(mostSentences, states.count);
    const width = scope(() => states.of(layers[0]!, poolings[0]!, 0, 1).size(1));
    const store = vectorStore(places.length, rows, width);
    for (const [slot, { layer, pooling }] of places.entries())
      scope(() => store.write(slot, 0, states.of(layer, pooling, 0, rows).toFloats()));
    kept.push(store);
  }

  /** Share of the languages in which each sentence's language is found. */
  function shares(slot: number, rows: number): Float64Array {
    const right = new Float64Array(rows);
    for (const fold of [0, 1]) {
      const [tested, trained] = [fold, 1 - fold].map((parity) => every(kept, slot, rows, parity));
      const labels = trained!.labels;
      const found = linearProbe(trained!.states, labels, kept.length, tested!.states);
      for (const [i, label] of found.entries())
        if (label === tested!.labels[i]) right[tested!.sentences[i]!]! += 1 / kept.length;
    }
    return right;
  }

  function rows(): LensRow[] {
    const count = Math.min(...kept.map((store) => store.rows));
    if (kept.length < 2 || count < 4) return [];
    const chance = 1 / kept.length;
    const reach = 1.96 * Math.sqrt((chance * (1 - chance)) / (count * kept.length));
    return places.map(({ layer, pooling }, slot) =>
      scope(() => {
        const values = shares(slot, count);
        const means = tensor(values, { shape: [1, count], dtype: "float64" });
        return {
          layer,
          pooling,
          metric: "language_id",
          value: values.reduce((a, b) => a + b, 0) / count,
          ...band(resampledMeans(means, resampleCounts(count, draws, seed))[0]!),
          shuffled: chance,
          shuffled_low: Math.max(0, chance - reach),
          shuffled_high: chance + reach,
          n: count * kept.length,
        };
      }),
    );
  }

  return {
    add: keep,
    rows,
    close() {
      for (const store of kept.splice(0)) store.close();
    },
  };
}

/** Every second sentence of all languages, from `parity` on. */
function every(
  kept: readonly VectorStore[],
  slot: number,
  rows: number,
  parity: number,
): { states: Tensor; labels: number[]; sentences: number[] } {
  const sentences = Array.from({ length: Math.floor((rows - parity + 1) / 2) }, (_, i) => 2 * i + parity);
  const index = tensor(sentences, { dtype: "int64" });
  const parts = kept.map((store) =>
    ops.indexSelect(tensor(store.read(slot, 0, rows), { shape: [rows, store.width] }), 0, index),
  );
  return {
    states: ops.cat(parts),
    labels: kept.flatMap((_, label) => sentences.map(() => label)),
    sentences: kept.flatMap(() => sentences),
  };
}
