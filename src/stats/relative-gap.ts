import { percentile } from "./bootstrap.ts";
import { drawnItems } from "./drawn.ts";
import type { Interval } from "./intervals.ts";
import { mean } from "./spread.ts";

/** One system's scores by item: in the pivot language, and the mean of the same item in the other languages. */
export interface GapItems {
  pivot: readonly number[];
  others: readonly number[];
}

export interface GapEstimate extends Interval {
  value: number;
}

/**
 * How far other languages are behind the pivot, (pivot − others) / pivot, with 95 % percentile intervals over items drawn
 * with replacement: an item's translations stay together. Of two systems on the same items also the change.
 * @throws Error when there is no item or the lists differ in length
 */
export function relativeGaps(
  systems: readonly GapItems[],
  { draws = 1000, seed = 12345 }: { draws?: number; seed?: number } = {},
): { gaps: GapEstimate[]; changes: GapEstimate[] } {
  const n = systems[0]?.pivot.length ?? 0;
  if (n === 0 || systems.some(({ pivot, others }) => pivot.length !== n || others.length !== n))
    throw new Error("Relative gap: expected the same items in the pivot and the other languages of every system.");
  const drawn = drawnItems(n, draws, seed);
  const observed = systems.map(({ pivot, others }) => gap(mean(pivot), mean(others)));
  const resampled = systems.map(({ pivot, others }) =>
    Array.from({ length: draws }, (_, draw) => {
      let [own, other] = [0, 0];
      for (let i = draw * n; i < (draw + 1) * n; i++) {
        own += pivot[drawn[i]!]!;
        other += others[drawn[i]!]!;
      }
      return gap(own, other);
    }),
  );
  const interval = (values: number[]): Interval => ({
    low: percentile(values, 0.025),
    high: percentile(values, 0.975),
  });
  return {
    gaps: observed.map((value, s) => ({ value, ...interval(resampled[s]!) })),
    changes: observed.slice(1).map((value, s) => ({
      value: value - observed[0]!,
      ...interval(resampled[s + 1]!.map((drawnGap, i) => drawnGap - resampled[0]![i]!)),
    })),
  };
}

const gap = (pivot: number, others: number): number => (pivot - others) / pivot;
