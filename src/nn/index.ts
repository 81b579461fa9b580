export { type AttentionOptions, attend, joinHeads, splitHeads } from "./attention.ts";
export { linearCrossEntropy, linearLogProbs, type TokenLogProbs } from "./cross-entropy.ts";
export { type Linear, type Lora, linear, mergedWeight } from "./linear.ts";
export { type LayerNorm, layerNorm } from "./norm.ts";
export { lengthMask, type Pooling, pool, poolings } from "./pooling.ts";
export { sinusoidalPositions } from "./positions.ts";
