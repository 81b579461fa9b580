import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { scope, tensor } from "../tensor/index.ts";
import { languageMeasures } from "./language-measures.ts";
import { languageProbe } from "./language-probe.ts";
import { pairMeasures } from "./pair-measures.ts";
import { type Resampling, resampling } from "./resampling.ts";
import type { SentenceStates } from "./sentence-states.ts";
import type { StateLens } from "./state-lens.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

export interface SimilarityOptions {
  layers: readonly number[];
  poolings: readonly Pooling[];
  /** bootstrap resamples and shuffles */
  draws: number;
  seed: number;
}

/**
 * Per layer and pooling: how translations of the first language and each other one find each other (`pairMeasures`), how each
 * language's sentences are spread (`languageMeasures`), and whether a probe can tell the languages apart (`languageProbe`).
 */
export function similarityLens(options: SimilarityOptions): StateLens {
  const { layers, poolings, draws, seed } = options;
  const places = layers.flatMap((layer) => poolings.map((pooling) => ({ layer, pooling })));
  const probe = languageProbe(options);
  const rows: LensRow[] = [];
  let pivot: { code: string; store: VectorStore; drawn: Resampling } | undefined;

  function measure(code: string, states: SentenceStates): void {
    const { count: n } = states;
    for (const [slot, place] of places.entries())
      scope(() => {
        const own = states.of(place.layer, place.pooling);
        pivot ??= { code, store: vectorStore(places.length, n, own.size(1)), drawn: resampling(n, draws, seed) };
        if (pivot.code === code) pivot.store.write(slot, 0, own.toFloats());
        else {
          const first = tensor(pivot.store.read(slot), { shape: [n, own.size(1)] });
          const pair = `${pivot.code}-${code}`;
          rows.push(...pairMeasures(first, own, pivot.drawn).map((found) => ({ ...place, pair, ...found, n })));
        }
        rows.push(...languageMeasures(own, pivot.drawn).map((found) => ({ ...place, language: code, ...found, n })));
      });
  }

  return {
    add(code, states) {
      if (pivot !== undefined && states.count !== pivot.drawn.n)
        throw new Error(
          `${code}: ${states.count} sentences, ${pivot.code} has ${pivot.drawn.n}; they are not parallel.`,
        );
      measure(code, states);
      probe.add(code, states);
    },
    rows: () => [...rows, ...probe.rows()],
    close() {
      probe.close();
      pivot?.store.close();
      pivot?.drawn.counts.dispose();
    },
  };
}
