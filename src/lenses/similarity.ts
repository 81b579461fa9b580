import { cosineMatrix, retrieval } from "../geometry/retrieval.ts";
import type { Pooling } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { wilson } from "../stats/intervals.ts";
import { scope } from "../tensor/index.ts";
import type { SentenceStates } from "./sentence-states.ts";

const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length;

/**
 * Per layer and pooling, how well parallel sentences of two languages find each other: `retrieval_p1`, the mean of both
 * directions, and `mexa` (Kargaran et al. 2025), each with a 95 % Wilson interval over the sentences.
 */
export function similarityRows(
  pair: string,
  pivot: SentenceStates,
  other: SentenceStates,
  options: { layers: readonly number[]; poolings: readonly Pooling[] },
): LensRow[] {
  return options.layers.flatMap((layer) =>
    options.poolings.flatMap((pooling) =>
      scope(() => {
        const { forward, backward, mutual } = retrieval(
          cosineMatrix(pivot.of(layer, pooling), other.of(layer, pooling)),
        );
        const n = forward.length;
        const found = (share(forward) + share(backward)) / 2;
        const row = (metric: string, count: number): LensRow => {
          const { low, high } = wilson(count, n);
          return { layer, pair, pooling, metric, value: count / n, low, high, n };
        };
        return [row("retrieval_p1", found), row("mexa", share(mutual))];
      }),
    ),
  );
}
