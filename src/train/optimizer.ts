import { z } from "zod";
import { alone, type Collectives, noGrad, numbersIn, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { owners, presentAnywhere } from "./distributed.ts";

export const optimizerSettings = {
  adam_beta1: z.number().min(0).max(1).default(0.9).describe("Decay of the first moment."),
  adam_beta2: z.number().min(0).max(1).default(0.999).describe("Decay of the second moment."),
  adam_epsilon: z.number().positive().default(1e-8).describe("Added to the root of the second moment."),
  weight_decay: z.number().min(0).default(0).describe("Decoupled weight decay; biases and norms are left out."),
  max_grad_norm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe("Gradients are scaled down to this L2 norm; null leaves them."),
};

export interface AdamWOptions {
  adam_beta1: number;
  adam_beta2: number;
  adam_epsilon: number;
  weight_decay: number;
  max_grad_norm: number | null;
}

export interface Optimizer {
  /**
   * Sums the gradients over all ranks, clips, updates every parameter that has one, and clears them. Returns the norm of the
   * sum before clipping.
   */
  step(learningRate: number): number;
  /**
   * Moments by `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`, and each parameter's step count; those of all ranks on
   * rank 0, which alone gets any.
   */
  state(): Map<string, Tensor>;
  /** Rank 0 gives each rank its own; the others pass nothing. */
  restore(state: { get(name: string): Tensor } | undefined): void;
}

/** What the rank that owns a parameter keeps of it. */
interface Slot {
  name: string;
  parameter: Tensor;
  average: Tensor;
  squareAverage: Tensor;
  steps: Tensor;
}

/** Vectors are biases and norm weights: decaying them is not regularisation. HF Trainer leaves the same ones out. */
const decays = (parameter: Tensor): boolean => parameter.shape.length > 1;

function gradientNorm(gradients: readonly Tensor[]): Tensor {
  return ops.norm(ops.stack(gradients.map((gradient) => ops.norm(gradient))));
}

/** Where several ranks train, each parameter's gradient is summed at its owner; a gradient that a rank lacks counts as 0. */
function sumGradients(ranks: Collectives, parameters: readonly Tensor[], owner: readonly number[]): void {
  if (ranks.size === 1) return;
  const present = presentAnywhere(
    ranks,
    parameters.map(({ grad }) => grad),
  );
  const active = parameters.map((_, i) => i).filter((i) => present[i]);
  for (const i of active) parameters[i]!.grad ??= ops.zerosLike(parameters[i]!);
  ranks.reduceSum(
    active.map((i) => parameters[i]!.grad!),
    active.map((i) => owner[i]!),
  );
}

const slotNames = (name: string) => [`${name}.exp_avg`, `${name}.exp_avg_sq`, `${name}.step`] as const;
const tensorsOf = ({ average, squareAverage, steps }: Slot) => [average, squareAverage, steps] as const;

/**
 * AdamW (Loshchilov & Hutter 2019), libtorch's fused kernel on float32 parameters, moments and gradients.
 * Clipping multiplies by min(1, max_norm / (norm + 1e-6)) as torch's clip_grad_norm_ does, inside the fused kernel.
 *
 * Each parameter's moments are on one rank, which updates it and sends it to the others (ZeRO-1, Rajbhandari et al. 2020).
 */
export function adamW(
  parameters: Iterable<readonly [string, Tensor]>,
  options: AdamWOptions,
  ranks: Collectives = alone,
): Optimizer {
  const all = [...parameters];
  const owner = owners(
    all.map(([, parameter]) => numbersIn(parameter)),
    ranks.size,
  );
  const slots = all.map(([name, parameter], i): Slot | undefined => {
    if (parameter.dtype !== "float32")
      throw new Error(
        `AdamW: ${name} is ${parameter.dtype}; trained weights are float32 (compute in bf16 with --dtype bfloat16).`,
      );
    if (owner[i] !== ranks.rank) return undefined;
    return {
      name,
      parameter,
      average: ops.zerosLike(parameter),
      squareAverage: ops.zerosLike(parameter),
      steps: ops.zeros([], "float32", parameter.device),
    };
  });
  const own = slots.filter((slot) => slot !== undefined);
  const update = (chosen: readonly Slot[], learningRate: number, weightDecay: number, scale: Tensor | undefined) => {
    if (chosen.length === 0) return;
    const of = (pick: (slot: Slot) => Tensor) => chosen.map(pick);
    const steps = of((slot) => slot.steps);
    for (const step of steps) ops.addScalarInto(step, 1);
    ops.fusedAdamWInto(
      of((slot) => slot.parameter),
      of((slot) => slot.parameter.grad!),
      of((slot) => slot.average),
      of((slot) => slot.squareAverage),
      [],
      steps,
      learningRate,
      options.adam_beta1,
      options.adam_beta2,
      weightDecay,
      options.adam_epsilon,
      false,
      false,
      scale,
    );
  };
  /** Clips and updates what this rank owns; returns the norm of all. */
  const updateOwn = (learningRate: number): number => {
    const active = own.filter(({ parameter }) => parameter.grad !== undefined);
    const mine = active.length === 0 ? 0 : gradientNorm(active.map(({ parameter }) => parameter.grad!)).item();
    const norm = Math.hypot(...ranks.exchange(mine));
    const clip = options.max_grad_norm === null ? 1 : Math.min(1, options.max_grad_norm / (norm + 1e-6));
    // the kernel divides gradients by this
    const scale = clip < 1 ? tensor([1 / clip], { device: all[0]![1].device }) : undefined;
    update(
      active.filter((slot) => decays(slot.parameter)),
      learningRate,
      options.weight_decay,
      scale,
    );
    update(
      active.filter((slot) => !decays(slot.parameter)),
      learningRate,
      0,
      scale,
    );
    return norm;
  };
  return {
    step: (learningRate) =>
      noGrad(() =>
        scope(() => {
          const tensors = all.map(([, parameter]) => parameter);
          sumGradients(ranks, tensors, owner);
          const changed = tensors.map((_, i) => i).filter((i) => tensors[i]!.grad !== undefined);
          if (changed.length === 0)
            throw new Error("AdamW: no parameter has a gradient; no objective reached a trained weight.");
          const norm = updateOwn(learningRate);
          for (const parameter of tensors) parameter.grad = undefined;
          ranks.broadcast(
            changed.map((i) => tensors[i]!),
            changed.map((i) => owner[i]!),
          );
          return norm;
        }),
      ),
    state() {
      const found = new Map<string, Tensor>();
      for (const [i, [name, parameter]] of all.entries()) {
        const slot = slots[i];
        if (slot !== undefined && ranks.rank > 0) for (const moment of tensorsOf(slot)) ranks.send(moment, 0);
        if (ranks.rank > 0) continue;
        const shapes = [parameter.shape, parameter.shape, []];
        for (const [k, key] of slotNames(name).entries()) {
          const moment = slot === undefined ? ops.empty(shapes[k]!) : tensorsOf(slot)[k]!;
          if (slot === undefined) ranks.receive(moment, owner[i]!);
          found.set(key, moment);
        }
      }
      return found;
    },
    restore: (state) =>
      noGrad(() =>
        scope(() => {
          for (const [i, [name]] of all.entries()) {
            const slot = slots[i];
            for (const [k, key] of slotNames(name).entries()) {
              if (slot === undefined) {
                if (ranks.rank === 0) ranks.send(state!.get(key), owner[i]!);
              } else if (ranks.rank === 0) ops.copyInto(tensorsOf(slot)[k]!, state!.get(key));
              else ranks.receive(tensorsOf(slot)[k]!, 0);
            }
          }
        }),
      ),
  };
}
