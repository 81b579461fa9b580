import { ops, type Tensor } from "../tensor/index.ts";

/** Drops entries of x with probability `rate` while training, and scales the others by 1 / (1 − rate). */
export const drop = (x: Tensor, rate: number, training: boolean): Tensor =>
  training && rate > 0 ? ops.dropoutOp(x, rate, true) : x;
