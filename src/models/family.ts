import type { Head, KeyValueCache, Pass } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { ParameterTree } from "./parameters.ts";

/** What every family has, by one name each; the family's own config stays in its file. */
export interface ModelConfig {
  family: string;
  /** L, number of blocks */
  layers: number;
  /** D */
  width: number;
  heads: number;
  /** V */
  vocabulary: number;
  /** longest row the model has positions for */
  maximumLength: number;
  /** in rows longer than this all positions depend on the row's length (dynamic rotary scaling), so that they share no states */
  stretchesBeyond?: number;
  tiedHead: boolean;
  padId: number | undefined;
  /** whether training drops units: asked for, and some rate of the config above 0 */
  hasDropout: boolean;
}

/** Right-padded rows of token ids. */
export interface Tokens {
  /** [B T] int64 or int32 */
  ids: Tensor;
  /** [B T], 1 on real tokens; all ones by default. Rows must be padded on the right. */
  mask?: Tensor;
  /** [B T] int64, each token's position in its own sequence; by default its column, after the cached ones */
  positions?: Tensor;
  /** [B S] int64, positions of the cached tokens and these; needed with `positions` where there is a cache */
  keyPositions?: Tensor;
  /** [B 1 T S] bool, or [B 1 1 S]: the keys that each query may see, cached ones first; by default its own column and earlier ones */
  visible?: Tensor;
}

export interface ForwardOptions {
  /** turns dropout on; the generator is seeded anew for every block, so that a recomputed block drops the same units */
  dropoutSeed?: bigint;
  /** keys and values of earlier tokens; a stream that runs to its end adds its own */
  cache?: KeyValueCache;
  /**
   * flat positions b·T + t [N]: the last block's feed-forward layer runs only there, and its state is [N D], not [B T D]. Not for
   * activation checkpointing, which recomputes after they are freed.
   */
  only?: Tensor;
}

export interface FamilyOptions {
  device: string;
  /** use the config's dropout rates while training; else they are 0 */
  dropout: boolean;
}

/** What a feed-forward layer computes of each token before its last product. [B T F] each */
export interface Neurons {
  /** result of the activation function: above 0 where a neuron is active */
  active: Tensor;
  /** what the last product takes: the same, or times the other half of a gated layer */
  values: Tensor;
}

/** The functions that a model family supplies; everything else is built from them in this file. */
export interface Family {
  config: ModelConfig;
  /** tensors at paths that are their names on disk */
  tree: ParameterTree;
  /** what the names on disk leave out of the library's, such as "transformer."; an adapter's keys have it */
  omittedPrefix?: string;
  /** an encoder: every token sees all real tokens of its row, and there is no next token to predict */
  bidirectional?: true;
  /** [B T] → [B T D] */
  embed(tokens: Tokens, pass: Pass): Tensor;
  /** first part of a block: the stream with what attention adds. [B T D] → [B T D] */
  attention(index: number, h: Tensor, pass: Pass): Tensor;
  /** second part: the neurons of the feed-forward layer, from the stream after attention. [B T D] */
  neurons(index: number, middle: Tensor, pass: Pass): Neurons;
  /** third part: the stream with what the neurons' values [B T F] add. [B T D] → [B T D] */
  output(index: number, middle: Tensor, values: Tensor, pass: Pass): Tensor;
  /** final norm [… D] → [… D] */
  norm(h: Tensor): Tensor;
  /** the unembedding of a normed state */
  unembedding(): Head;
}
