import { linear, type Pass, softcapped } from "../nn/index.ts";
import { deriveSeed, manualSeed, ops, scope, type Tensor } from "../tensor/index.ts";
import type { Family, ForwardOptions, Tokens } from "./family.ts";
import { isAdapterName, namedTensors } from "./parameters.ts";
import { makePass } from "./pass.ts";

export interface Model extends Family {
  device: string;
  /** what ends a text, by generation_config.json */
  eosIds: readonly number[];
  /** What the blocks of a forward pass over these tokens need to know. */
  pass(tokens: Tokens, options: ForwardOptions): Pass;
  /** Runs one block with the generator seeded for it; 0 is the embedding, i the i-th block. */
  stage(index: number, input: Tokens | Tensor, pass: Pass, options: ForwardOptions): Tensor;
  /**
   * The residual stream: the embedding output, then the state after each block, before the final norm. [B T D] each; with
   * `only`, the last is [N D].
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

/** [B T D] → [B T D], or [N D] of some flat positions */
function runBlock(family: Family, index: number, h: Tensor, pass: Pass, only: Tensor | undefined): Tensor {
  const all = family.attention(index, h, pass);
  const middle = only === undefined ? all : ops.indexSelect(ops.reshape(all, [-1, all.size(-1)]), 0, only);
  return family.output(index, middle, family.neurons(index, middle, pass).values, pass);
}

/** Completes a family's functions to a model on `device`. */
export function makeModel(family: Family, device: string, eosIds: readonly number[] = []): Model {
  const { config } = family;
  const stage = (index: number, input: Tokens | Tensor, pass: Pass, options: ForwardOptions): Tensor => {
    const { dropoutSeed } = options;
    const only = index === config.layers ? options.only : undefined;
    if (dropoutSeed !== undefined) manualSeed(deriveSeed(dropoutSeed, index));
    return scope(() =>
      index === 0 ? family.embed(input as Tokens, pass) : runBlock(family, index - 1, input as Tensor, pass, only),
    );
  };
  const pass = (tokens: Tokens, options: ForwardOptions) => makePass(family, tokens, options);
  function* layers(tokens: Tokens, options: ForwardOptions = {}): Generator<Tensor, void, undefined> {
    const shared = pass(tokens, options);
    let h = stage(0, tokens, shared, options);
    // the caller may dispose what is yielded, so the stream keeps a handle of its own
    let own = h.retain();
    try {
      yield h;
      for (let index = 1; index <= config.layers; index++) {
        h = stage(index, own, shared, options);
        own.dispose();
        own = h.retain();
        if (index === config.layers) options.cache?.advance(tokens.ids.size(1));
        yield h;
      }
    } finally {
      own.dispose();
    }
  }
  return {
    ...family,
    device,
    eosIds,
    pass,
    stage,
    layers,
    head: (h) => {
      const { softcap, ...unembedding } = family.unembedding();
      return scope(() => softcapped(linear(unembedding, family.norm(h)), softcap));
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
