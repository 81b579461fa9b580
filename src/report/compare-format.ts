import type { ComparisonSection } from "./compare-data.ts";
import { decimal, points, change as signedDecimal } from "./format.ts";
import { accuracyMetrics } from "./titles.ts";

/** The narrow space of print is a riddle to many terminals. */
export const plain = (text: string): string => text.replaceAll("\u202f", " ");

/** How a section's values and their changes are written: accuracies in per cent and points, others as they are. */
export interface Format {
  value: (value: number) => string;
  change: (value: number) => string;
}

export function formatOf({ metric }: ComparisonSection): Format {
  if (accuracyMetrics.includes(metric))
    return { value: (value) => (100 * value).toFixed(1), change: (value) => points(value) };
  return { value: (value) => decimal(value), change: (value) => signedDecimal(value) };
}
