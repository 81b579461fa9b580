import { ops, type Tensor } from "../tensor/index.ts";
import { type Linear, linear } from "./linear.ts";

/** A gated feed-forward layer (Shazeer 2020); the names are those on disk. */
export interface GatedMlp {
  /** [F D] */
  gate_proj: Linear;
  /** [F D] */
  up_proj: Linear;
  /** [D F] */
  down_proj: Linear;
}

const activations = {
  silu: ops.silu,
  gelu: (x: Tensor) => ops.gelu(x),
  gelu_pytorch_tanh: (x: Tensor) => ops.gelu(x, "tanh"),
};
export type Activation = keyof typeof activations;
export const activationNames = Object.keys(activations) as Activation[];

/** activation(gate x), and the same times up x, which is what down_proj takes. [… D] → [… F] each */
export function gatedNeurons(
  p: GatedMlp,
  x: Tensor,
  activation: Activation,
  training = false,
): { active: Tensor; values: Tensor } {
  const active = activations[activation](linear(p.gate_proj, x, training));
  return { active, values: ops.mul(active, linear(p.up_proj, x, training)) };
}
