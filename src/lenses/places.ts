import { type LinearMap, pairDiscriminant } from "../geometry/pair-discriminant.ts";
import { band, resampleCounts, resampledMeans } from "../geometry/resample.ts";
import { cosineMatrix, retrieval } from "../geometry/retrieval.ts";
import { anisotropy } from "../geometry/spread.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { permutation } from "../stats/random.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { LensProgress } from "./state-lens.ts";

/** A place for the contrastive objective. */
export interface Place {
  layer: number;
  pooling: Pooling;
}

/** States of some sentences at a place. [N D] */
export type StatesAt = (place: Place) => Tensor;

/** Frozen states to fit on and to test on. */
export interface PlaceFeatures {
  /** of training pairs: row i translates the other's */
  left: StatesAt;
  right: StatesAt;
  /** of held-out pairs, equally many per language */
  held: readonly { pivot: StatesAt; translations: StatesAt; seen: boolean }[];
}

export interface PlaceOptions {
  layers: readonly number[];
  poolings: readonly Pooling[];
  draws: number;
  seed: number;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
}

/** Whether each held-out sentence finds its translation, mean of both directions, after a map or as it is: [languages][N] */
function found(features: PlaceFeatures, place: Place, map?: LinearMap): Float64Array[] {
  const mapped = (states: StatesAt) => (map ? map.apply(states(place)) : states(place));
  return features.held.map(({ pivot, translations }) =>
    scope(() => {
      const { forward, backward } = retrieval(cosineMatrix(mapped(pivot), mapped(translations)));
      return Float64Array.from(forward, (yes, i) => (Number(yes) + Number(backward[i])) / 2);
    }),
  );
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function shuffledRows(x: Tensor, seed: number): Tensor {
  return ops.indexSelect(x, 0, tensor(permutation(x.size(0), seed), { dtype: "int64" }));
}

/** The evidence for one place. `counts` are the bootstrap's. */
function placeRows(features: PlaceFeatures, place: Place, counts: Tensor, seed: number): LensRow[] {
  return scope(() => {
    const [x, y] = [features.left(place), features.right(place)];
    const [map, control] = [pairDiscriminant(x, y), pairDiscriminant(x, shuffledRows(y, seed))];
    const [frozen, aligned, random] = [
      found(features, place),
      found(features, place, map),
      found(features, place, control),
    ];
    map.dispose();
    control.dispose();
    const n = frozen[0]!.length;
    const bySentence = (lists: readonly Float64Array[]) =>
      Float64Array.from({ length: n }, (_, i) => mean(lists.map((list) => list[i]!)));
    const row = (metric: string, lists: readonly Float64Array[]): LensRow[] => {
      if (lists.length === 0) return [];
      const values = bySentence(lists);
      const draws = resampledMeans(tensor(values, { shape: [1, n], dtype: "float64" }), counts)[0]!;
      return [{ ...place, metric, value: mean(values), ...band(draws), n }];
    };
    const [aligned_p1] = row("aligned_p1", aligned);
    const pivot = features.held[0]!.pivot(place);
    return [
      ...row("frozen_p1", frozen),
      { ...aligned_p1!, shuffled: mean(bySentence(random)) },
      ...row(
        "aligned_p1_seen",
        aligned.filter((_, l) => features.held[l]!.seen),
      ),
      ...row(
        "aligned_p1_unseen",
        aligned.filter((_, l) => !features.held[l]!.seen),
      ),
      { ...place, metric: "anisotropy", value: anisotropy(cosineMatrix(pivot, pivot)), n },
    ];
  });
}

/** The evidence for every place, and `rank`, their order. */
export function placesRows(features: PlaceFeatures, options: PlaceOptions): LensRow[] {
  const places = options.layers.flatMap((layer) => options.poolings.map((pooling) => ({ layer, pooling })));
  const n = scope(() => features.held[0]!.pivot(places[0]!).size(0));
  const counts = resampleCounts(n, options.draws, options.seed);
  const bar = options.progress?.("places");
  const rows: LensRow[] = [];
  for (const [i, place] of places.entries()) {
    rows.push(...placeRows(features, place, counts, options.seed));
    bar?.update(i + 1, places.length);
    options.signal?.throwIfAborted();
  }
  bar?.finish();
  counts.dispose();
  return [...rows, ...rankedPlaces(rows).map((place, i) => ({ ...place, metric: "rank", value: i + 1 }))];
}

/** The places from best to worst by `aligned_p1`; of equals the lower layer, which costs less. */
export function rankedPlaces(rows: readonly LensRow[]): Place[] {
  return rows
    .filter(({ metric }) => metric === "aligned_p1")
    .toSorted((a, b) => b.value - a.value || a.layer - b.layer)
    .map(({ layer, pooling }) => ({ layer, pooling: pooling as Pooling }));
}
