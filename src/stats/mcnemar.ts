import { binomialCdf, binomialPmf } from "./binomial.ts";

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
