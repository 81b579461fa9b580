import type { ForwardOptions, Tokens } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** A model whose forward passes are remembered as far as the backward pass needs. */
export interface Tape {
  model: Model;
  /** the same model for passes that will not be backpropagated */
  bare: Model;
  /** Backpropagates a loss of this model into its parameters' gradients. */
  backward(loss: Tensor): void;
  /** Drops what a pass that failed has left behind. */
  forget(): void;
}

interface Remembered {
  tokens: Tokens;
  options: ForwardOptions;
  /** the residual stream as leaves: each gathers its gradient from the loss and from the block above */
  states: Tensor[];
}

/** The ordinary tape: autograd keeps every block's intermediate results. */
export const plainTape = (model: Model): Tape => ({
  model,
  bare: model,
  backward: (loss) => loss.backward(),
  forget: () => {},
});

/**
 * Activation checkpointing (Chen et al. 2016), per block: the forward pass keeps only each block's input; the backward pass
 * recomputes the blocks from the last to the first. Dropout repeats, since every block seeds its own. Objectives see no
 * difference: the states they get are leaves, whose gradients the sweep hands down.
 */
export function checkpointedTape(model: Model, compute: Dtype): Tape {
  const passes: Remembered[] = [];

  function* layers(tokens: Tokens, options: ForwardOptions = {}): Generator<Tensor, void, undefined> {
    // the objective's scope ends before the sweep reads the ids again
    const kept = Object.fromEntries(Object.entries(tokens).map(([key, value]) => [key, (value as Tensor).retain()]));
    const pass: Remembered = { tokens: kept as unknown as Tokens, options, states: [] };
    passes.push(pass);
    const shared = model.pass(tokens, options);
    for (let index = 0; index <= model.config.layers; index++) {
      const input = index === 0 ? tokens : pass.states[index - 1]!;
      const leaf = scope(() => ops.detach(noGrad(() => model.stage(index, input, shared, options))));
      leaf.requiresGrad = true;
      pass.states.push(leaf.retain());
      yield leaf;
    }
  }

  function sweep({ tokens, options, states }: Remembered): void {
    const shared = model.pass(tokens, options);
    for (let index = states.length - 1; index >= 0; index--) {
      scope(() => {
        const gradient = states[index]!.grad;
        if (gradient === undefined) return;
        const input = index === 0 ? tokens : states[index - 1]!;
        const output = autocast(model.device, compute, () => model.stage(index, input, shared, options));
        // frozen embeddings leave nothing to backpropagate into
        if (output.requiresGrad) output.backward(gradient);
      });
      states[index]!.dispose();
    }
  }

  return {
    model: { ...model, layers },
    bare: model,
    forget() {
      for (const { tokens, states } of passes.splice(0))
        for (const tensor of [...Object.values(tokens), ...states]) (tensor as Tensor).dispose();
    },
    backward(loss) {
      loss.backward();
      for (const pass of passes.splice(0)) {
        scope(() => sweep(pass));
        for (const tensor of Object.values(pass.tokens)) (tensor as Tensor).dispose();
      }
    },
  };
}
