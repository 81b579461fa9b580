import { binomialCdf, binomialPmf } from "./binomial.ts";
import { chiSquaredTail } from "./chi-squared.ts";

/**
 * McNemar's exact test, two-sided: how likely a split as uneven as `gained` against `lost` is if both were equally
 * likely. 1 when nothing changed. Source: McNemar 1947; the binomial form.
 */
export function mcnemarExact(gained: number, lost: number): number {
  return Math.min(1, 2 * binomialCdf(Math.min(gained, lost), gained + lost, 0.5));
}

/** The exact test less the probability of the observed split: less conservative (Fagerland, Lydersen, Laake 2013). */
export function mcnemarMidP(gained: number, lost: number): number {
  const k = Math.min(gained, lost);
  return Math.min(1, 2 * binomialCdf(k, gained + lost, 0.5) - binomialPmf(k, gained + lost, 0.5));
}

/** McNemar's test by its large-sample form, with Edwards' correction for continuity unless told otherwise. */
export function mcnemarChiSquared(
  gained: number,
  lost: number,
  { continuity = true }: { continuity?: boolean } = {},
): { statistic: number; p: number } {
  if (gained + lost === 0) return { statistic: 0, p: 1 };
  const difference = Math.abs(gained - lost) - (continuity ? 1 : 0);
  const statistic = difference ** 2 / (gained + lost);
  return { statistic, p: chiSquaredTail(statistic, 1) };
}
