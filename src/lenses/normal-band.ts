import type { LensRow } from "../run/records.ts";
import { deviation, mean } from "../stats/spread.ts";

/** A mean over items with 95 % as papers draw it: 1.96 standard errors to either side. */
export function normalBand(values: readonly number[]): Pick<LensRow, "value" | "low" | "high" | "n"> {
  const value = mean(values);
  const reach = values.length < 2 ? 0 : (1.96 * deviation(values)) / Math.sqrt(values.length);
  return { value, low: value - reach, high: value + reach, n: values.length };
}
