import { ops, type Tensor } from "../tensor/index.ts";
import type { Linear } from "./linear.ts";

/** An unembedding; with `softcap`, its logits are capped. */
export type Head = Linear & { softcap?: number | undefined };

/** cap · tanh(x / cap), which keeps x between −cap and cap (Gemma 2); x itself without a cap. */
export function softcapped(x: Tensor, cap: number | undefined): Tensor {
  return cap === undefined ? x : ops.mul(ops.tanh(ops.div(x, cap)), cap);
}
