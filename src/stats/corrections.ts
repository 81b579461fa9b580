import { holm } from "./holm.ts";

/** What corrects p-values for their number; each keeps the order given. */
export const corrections = {
  /** the chance of any false alarm stays below the level */
  holm,
  /** the same, less sharply */
  bonferroni: (pValues) => pValues.map((p) => Math.min(1, pValues.length * p)),
  /** the share of false alarms among the alarms, for independent tests (Benjamini and Hochberg 1995) */
  "benjamini-hochberg": (pValues) => falseDiscovery(pValues, 1),
  /** the same, whatever their dependence (Benjamini and Yekutieli 2001) */
  "benjamini-yekutieli": (pValues) =>
    falseDiscovery(
      pValues,
      pValues.reduce((sum, _, i) => sum + 1 / (i + 1), 0),
    ),
} satisfies Record<string, (pValues: readonly number[]) => number[]>;

export type Correction = keyof typeof corrections;

function falseDiscovery(pValues: readonly number[], factor: number): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[b]! - pValues[a]!);
  const corrected = new Array<number>(pValues.length);
  let smallest = 1;
  order.forEach((index, fromLargest) => {
    const rank = pValues.length - fromLargest;
    smallest = Math.min(smallest, (pValues[index]! * pValues.length * factor) / rank);
    corrected[index] = smallest;
  });
  return corrected;
}
