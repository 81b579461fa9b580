import { pca } from "../geometry/pca.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { ops, scope } from "../tensor/index.ts";
import type { SentenceStates } from "./sentence-states.ts";

/**
 * One joint principal component analysis per layer over the sentence states of all languages: coordinates of every
 * sentence on the first two components, and their share of the variance. Parallel sentences share `sentence`.
 */
export function pcaRows(
  states: ReadonlyMap<string, SentenceStates>,
  options: { layers: readonly number[]; pooling: Pooling; sentences: number },
): LensRow[] {
  const { pooling, sentences } = options;
  return options.layers.flatMap((layer) =>
    scope(() => {
      const stacked = ops.cat(
        [...states.values()].map((language) => ops.narrow(language.of(layer, pooling), 0, 0, sentences)),
      );
      const { coordinates, explained } = pca(stacked, 2);
      const points = [...states.keys()].flatMap((language, l) =>
        Array.from({ length: sentences }, (_, sentence) => sentence).flatMap((sentence) =>
          ["pc1", "pc2"].map(
            (metric, k): LensRow => ({
              layer,
              language,
              metric,
              value: round(coordinates[(l * sentences + sentence) * 2 + k]!),
              sentence,
              pooling,
            }),
          ),
        ),
      );
      return [
        ...points,
        ...explained.map((value, k) => ({ layer, metric: "explained_variance", value, component: k + 1, pooling })),
      ];
    }),
  );
}

/** Six digits are more than a picture shows, and keep the file small. */
const round = (value: number): number => Number(value.toPrecision(6));
