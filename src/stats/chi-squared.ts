import { gammaTail } from "./gamma.ts";

/** Probability that a χ² variable of so many degrees of freedom exceeds x. */
export const chiSquaredTail = (x: number, degrees: number): number => gammaTail(degrees / 2, x / 2);
