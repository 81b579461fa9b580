/** Cohen's h, the distance of two proportions on the scale where their noise is the same: 0.2 small, 0.5 medium, 0.8 large. */
export const cohenH = (first: number, second: number): number =>
  2 * Math.asin(Math.sqrt(first)) - 2 * Math.asin(Math.sqrt(second));
