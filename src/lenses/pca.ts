import { type Moments, moments, type PrincipalAxes, project } from "../geometry/pca.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { pearson } from "../stats/correlation.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { MapView, ViewName } from "./map-views.ts";
import type { SentenceStates } from "./sentence-states.ts";
import type { StateLens } from "./state-lens.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

export interface PcaOptions {
  layers: readonly number[];
  pooling: Pooling;
  /** parallel sentences whose coordinates are given; the axes are made from all */
  sentences: number;
  /** further maps of these sentences, for the eye only */
  views?: ReadonlyMap<ViewName, MapView>;
}

/** sentences in memory at once */
const portion = 2048;

/** Runs over a language's vectors in portions. */
function* portions(store: VectorStore, slot: number, rows = store.rows): Generator<Tensor> {
  for (let start = 0; start < rows; start += portion) {
    const count = Math.min(portion, rows - start);
    yield tensor(store.read(slot, start, count), { shape: [count, store.width] });
  }
}

/**
 * One joint principal component analysis per layer over the sentences of all languages: coordinates of some sentences on the first two
 * components, the components' shares of the variance, and `pca1_pearson`, the correlation of parallel sentences on the first component
 * for every two languages (Zhang et al. 2024). Memory does not grow with the number of sentences.
 */
export function pcaLens({ layers, pooling, sentences, views = new Map() }: PcaOptions): StateLens {
  const kept = new Map<string, VectorStore>();
  const seen: Moments[] = [];

  function add(code: string, states: SentenceStates): void {
    for (const [slot, layer] of layers.entries())
      for (let start = 0; start < states.count; start += portion)
        scope(() => {
          const part = states.of(layer, pooling, start, Math.min(portion, states.count - start));
          const width = part.size(1);
          if (!kept.has(code)) kept.set(code, vectorStore(layers.length, states.count, width));
          kept.get(code)!.write(slot, start, part.toFloats());
          seen[slot] ??= moments(width);
          seen[slot].add(part);
        });
  }

  function layerRows(layer: number, slot: number): LensRow[] {
    const axes = seen[slot]!.axes(2);
    const first = new Map([...kept].map(([code, store]) => [code, firstCoordinates(store, slot, axes)] as const));
    return [
      ...[...kept].flatMap(([language, store]) => points(store, slot, axes, { layer, language, pooling }, sentences)),
      ...[...views].flatMap((view) => viewPoints(kept, slot, { layer, pooling }, sentences, view)),
      ...axes.explained.map((value, k) => ({ layer, metric: "explained_variance", value, component: k + 1, pooling })),
      ...correlations(first).map((row) => ({ layer, pooling, ...row })),
    ];
  }

  return {
    add,
    rows: () => layers.flatMap((layer, slot) => scope(() => layerRows(layer, slot))),
    close() {
      for (const store of kept.values()) store.close();
      for (const each of seen) each.dispose();
      kept.clear();
    },
  };
}

function points(
  store: VectorStore,
  slot: number,
  axes: PrincipalAxes,
  place: Pick<LensRow, "layer" | "language" | "pooling">,
  sentences: number,
): LensRow[] {
  const shown = Math.min(sentences, store.rows);
  const flat = project(tensor(store.read(slot, 0, shown), { shape: [shown, store.width] }), axes); // [N 2]
  return Array.from({ length: 2 * shown }, (_, i) => ({
    ...place,
    metric: i % 2 === 0 ? "pc1" : "pc2",
    value: round(flat[i]!),
    sentence: Math.floor(i / 2),
  }));
}

/** The same sentences on another map of all languages. */
function viewPoints(
  kept: ReadonlyMap<string, VectorStore>,
  slot: number,
  place: Pick<LensRow, "layer" | "pooling">,
  sentences: number,
  [name, draw]: readonly [ViewName, MapView],
): LensRow[] {
  const parts = [...kept].map(([language, store]) => ({ language, store, shown: Math.min(sentences, store.rows) }));
  const map = draw(
    ops.cat(parts.map(({ store, shown }) => tensor(store.read(slot, 0, shown), { shape: [shown, store.width] }))),
  );
  let at = 0;
  return parts.flatMap(({ language, shown }) =>
    Array.from({ length: 2 * shown }, (_, i) => ({
      ...place,
      language,
      metric: `${name}${i % 2 === 0 ? 1 : 2}`,
      value: round(map[at++]!),
      sentence: Math.floor(i / 2),
    })),
  );
}

function firstCoordinates(store: VectorStore, slot: number, axes: PrincipalAxes): number[] {
  const found: number[] = [];
  for (const part of portions(store, slot))
    scope(() => {
      const flat = project(part, axes);
      for (let i = 0; i < flat.length; i += 2) found.push(flat[i]!);
      part.dispose();
    });
  return found;
}

/** Pearson's correlation for every two languages; shuffled pairs have mean 0 and variance 1 / (n − 1). */
function correlations(coordinates: ReadonlyMap<string, number[]>): Omit<LensRow, "layer">[] {
  const languages = [...coordinates];
  return languages.flatMap(([a, x], i) =>
    languages.slice(i + 1).map(([b, y]) => {
      const { value, low, high } = pearson(x, y);
      const reach = 1.96 / Math.sqrt(x.length - 1);
      const control = { shuffled: 0, shuffled_low: -reach, shuffled_high: reach };
      return { pair: `${a}-${b}`, metric: "pca1_pearson", value, low, high, ...control, n: x.length };
    }),
  );
}

/** Six digits are more than a picture shows, and keep the file small. */
const round = (value: number): number => Number(value.toPrecision(6));
