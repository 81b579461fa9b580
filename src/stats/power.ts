import { normalQuantile } from "./normal.ts";

/**
 * The smallest difference of two paired accuracies that n items would show with the given power, when a share of them
 * (0–1) is answered differently by the two systems. Source: Connor 1987, in its large-sample form.
 */
export function detectableDifference(n: number, discordantShare: number, power = 0.8, level = 0.05): number {
  const share = Math.max(discordantShare, 1 / n);
  return Math.min(1, (normalQuantile(1 - level / 2) + normalQuantile(power)) * Math.sqrt(share / n));
}
