import { clusteredMean } from "./clustered.ts";
import { clopperPearson, type Interval } from "./intervals.ts";
import { normalQuantile } from "./normal.ts";
import { pairedAccuracy } from "./paired.ts";
import { pairedBootstrap } from "./paired-bootstrap.ts";
import { signFlips } from "./permutation.ts";
import { detectableDifference } from "./power.ts";
import { deviation } from "./spread.ts";

/** What two systems scored on one item: 0 or 1 for answers, any number for graded ones. */
export interface PairedItem {
  id: string;
  before: number;
  after: number;
}

export interface PairedChange extends Interval {
  n: number;
  /** mean of after − before */
  difference: number;
  /** items that only the second, and only the first system did better */
  gained: number;
  lost: number;
  /** two-sided, of no difference */
  p: number;
  method: "exact McNemar" | "sign flips" | "clusters of items";
  /** smallest difference that items like these show with 80 % power at 5 % */
  detectable: number;
}

/**
 * Tests a change over items that both systems did. Right and wrong answers by McNemar's exact test and Newcombe's
 * interval, graded ones by sign flips and the bootstrap; where an item occurs several times, as in several languages or
 * under several seeds, by its clusters, since translations of one item are not independent.
 * @throws Error when there is no item
 */
export function pairedChange(items: readonly PairedItem[]): PairedChange {
  const n = items.length;
  const gained = items.filter(({ before, after }) => after > before).length;
  const lost = items.filter(({ before, after }) => after < before).length;
  const distinct = new Set(items.map(({ id }) => id)).size;
  const counts = { n, gained, lost };
  if (distinct < n) return { ...counts, ...clustered(items, distinct, gained + lost) };
  const isAnswer = (value: number) => value === 0 || value === 1;
  if (items.every(({ before, after }) => isAnswer(before) && isAnswer(after))) {
    const { difference, low, high, p } = pairedAccuracy(
      items.map(({ before }) => before === 1),
      items.map(({ after }) => after === 1),
    );
    const detectable = detectableDifference(n, (gained + lost) / n);
    return { ...counts, difference, low, high, p, method: "exact McNemar", detectable };
  }
  return { ...counts, ...graded(items) };
}

type Tested = Omit<PairedChange, "n" | "gained" | "lost">;

/** Factor of the standard error in the smallest difference that is found with 80 % power at 5 %. */
const reach = normalQuantile(0.975) + normalQuantile(0.8);

function clustered(items: readonly PairedItem[], distinct: number, changed: number): Tested {
  const method = "clusters of items";
  if (changed === 0) {
    // no answer changed, so there is no spread to estimate from: what the number of items still allows
    const { high } = clopperPearson(0, distinct);
    return { difference: 0, low: -high, high, p: 1, method, detectable: detectableDifference(distinct, 0) };
  }
  const { mean, low, high, p } = clusteredMean(
    items.map(({ before, after }) => after - before),
    items.map(({ id }) => id),
  );
  const error = (high - mean) / normalQuantile(0.975);
  return { difference: mean, low, high, p, method, detectable: reach * error };
}

function graded(items: readonly PairedItem[]): Tested {
  const [before, after] = [items.map((item) => item.before), items.map((item) => item.after)];
  const { observed, absolute } = signFlips(after, before);
  const method = "sign flips";
  if (items.length === 1)
    return { difference: observed, low: observed, high: observed, p: absolute, method, detectable: Number.NaN };
  const { low, high } = pairedBootstrap(after, before);
  const error = deviation(after.map((value, i) => value - before[i]!)) / Math.sqrt(items.length);
  return { difference: observed, low, high, p: absolute, method, detectable: reach * error };
}
