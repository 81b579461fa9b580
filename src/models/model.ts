import { type Head, softcapped } from "../nn/index.ts";
import { deriveSeed, manualSeed, ops, scope, type Tensor } from "../tensor/index.ts";
import { isAdapterName, namedTensors, type ParameterTree } from "./parameters.ts";

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
  tiedHead: boolean;
  bosId: number | undefined;
  eosId: number | undefined;
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
}

export interface ForwardOptions {
  /** turns dropout on; the generator is seeded anew for every block, so that a recomputed block drops the same units */
  dropoutSeed?: bigint;
}

export interface FamilyOptions {
  device: string;
  /** use the config's dropout rates while training; else they are 0 */
  dropout: boolean;
}

/** The functions that a model family supplies; everything else is built from them in this file. */
export interface Family {
  config: ModelConfig;
  /** tensors at paths that are their names on disk */
  tree: ParameterTree;
  /** what the names on disk leave out of the library's, such as "transformer."; an adapter's keys have it */
  omittedPrefix?: string;
  /** [B T] → [B T D] */
  embed(tokens: Tokens, training: boolean): Tensor;
  /** [B T D] → [B T D] */
  block(index: number, h: Tensor, training: boolean): Tensor;
  /** final norm [… D] → [… D] */
  norm(h: Tensor): Tensor;
  /** the unembedding of a normed state */
  unembedding(): Head;
}

export interface Model extends Family {
  device: string;
  /** Runs one block with the generator seeded for it; 0 is the embedding, i the i-th block. */
  stage(index: number, input: Tokens | Tensor, options: ForwardOptions): Tensor;
  /**
   * The residual stream: the embedding output, then the state after each block, before the final norm. [B T D] each.
   * Stopping early saves the rest. A state stays valid until the enclosing scope ends or it is disposed.
   */
  layers(tokens: Tokens, options?: ForwardOptions): Generator<Tensor, void, undefined>;
  /** Final norm, unembedding and its cap. [… D] → [… V] */
  head(h: Tensor): Tensor;
  /** All tensors by their names on disk, a tied one once. */
  parameters(): Array<readonly [string, Tensor]>;
  /** Chooses which tensors require gradients: all of the base model's, or only the adapter's. */
  trainable(which: "all" | "adapter"): void;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * The states of some layers, numbered as Hugging Face does: 0 = embedding output, L = after the final norm. The blocks
 * above the last one asked for are not run.
 */
export function* hiddenStates(
  model: Model,
  tokens: Tokens,
  wanted: Iterable<number>,
  options: ForwardOptions = {},
): Generator<[layer: number, h: Tensor]> {
  const asked = new Set(wanted);
  const last = Math.max(...asked);
  const top = model.config.layers;
  for (const layer of asked)
    if (!Number.isInteger(layer) || layer < 0 || layer > top)
      throw new Error(`layer ${layer}: this model has layers 0 (embedding) to ${top}.`);
  let layer = 0;
  for (const h of model.layers(tokens, options)) {
    if (asked.has(layer)) yield [layer, layer === top ? model.norm(h) : h];
    if (layer++ === last) return;
  }
}

function checkTokens({ ids, mask }: Tokens, config: ModelConfig): void {
  if (ids.shape.length !== 2)
    throw new Error(`tokens: expected ids of shape [B T], received [${ids.shape.join(" ")}].`);
  if (ids.size(1) > config.maximumLength)
    throw new Error(
      `tokens: rows of ${ids.size(1)} tokens; this ${config.family} model has ${config.maximumLength} positions. Truncate them.`,
    );
  if (mask === undefined) return;
  if (mask.shape.join() !== ids.shape.join())
    throw new Error(`tokens: the mask is [${mask.shape.join(" ")}], the ids are [${ids.shape.join(" ")}].`);
  const length = ids.size(1);
  const rightPadded = scope(() => {
    const later = ops.narrow(mask, 1, 1, length - 1);
    return length < 2 || ops.all(ops.le(later, ops.narrow(mask, 1, 0, length - 1))).item() === 1;
  });
  if (!rightPadded) throw new Error("tokens: rows must be padded on the right; the mask has a 1 after a 0.");
}

/** Completes a family's functions to a model on `device`. */
export function makeModel(family: Family, device: string): Model {
  const { config } = family;
  const stage = (index: number, input: Tokens | Tensor, { dropoutSeed }: ForwardOptions): Tensor => {
    const training = dropoutSeed !== undefined;
    if (training) manualSeed(deriveSeed(dropoutSeed, index));
    return scope(() =>
      index === 0 ? family.embed(input as Tokens, training) : family.block(index - 1, input as Tensor, training),
    );
  };
  function* layers(tokens: Tokens, options: ForwardOptions = {}): Generator<Tensor, void, undefined> {
    checkTokens(tokens, config);
    let h = stage(0, tokens, options);
    // the caller may dispose what is yielded, so the stream keeps a handle of its own
    let own = h.retain();
    try {
      yield h;
      for (let index = 1; index <= config.layers; index++) {
        h = stage(index, own, options);
        own.dispose();
        own = h.retain();
        yield h;
      }
    } finally {
      own.dispose();
    }
  }
  return {
    ...family,
    device,
    stage,
    layers,
    head: (h) => {
      const { weight, bias, softcap } = family.unembedding();
      return scope(() => softcapped(ops.linearOp(family.norm(h), weight, bias), softcap));
    },
    parameters: () => namedTensors(family.tree, family.omittedPrefix),
    trainable(which) {
      for (const [name, tensor] of namedTensors(family.tree))
        tensor.requiresGrad = isAdapterName(name) === (which === "adapter");
    },
    dispose() {
      for (const [, tensor] of namedTensors(family.tree)) tensor.dispose();
    },
  };
}
