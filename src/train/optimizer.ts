import { z } from "zod";
import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";

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
  /** Clips, updates every parameter that has a gradient, and clears the gradients. Returns the norm before clipping. */
  step(learningRate: number): number;
  /** Moments by `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`, and each parameter's step count. */
  state(): Map<string, Tensor>;
  restore(state: { get(name: string): Tensor }): void;
}

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

/**
 * AdamW (Loshchilov & Hutter 2019), libtorch's fused kernel on float32 parameters, moments and gradients.
 * Clipping multiplies by min(1, max_norm / (norm + 1e-6)) as torch's clip_grad_norm_ does, inside the fused kernel.
 */
export function adamW(parameters: Iterable<readonly [string, Tensor]>, options: AdamWOptions): Optimizer {
  const slots: Slot[] = [...parameters].map(([name, parameter]) => {
    if (parameter.dtype !== "float32")
      throw new Error(
        `AdamW: ${name} is ${parameter.dtype}; trained weights are float32 (compute in bf16 with --dtype bfloat16).`,
      );
    return {
      name,
      parameter,
      average: ops.zerosLike(parameter),
      squareAverage: ops.zerosLike(parameter),
      steps: ops.zeros([], "float32", parameter.device),
    };
  });
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
  return {
    step: (learningRate) =>
      noGrad(() =>
        scope(() => {
          const active = slots.filter(({ parameter }) => parameter.grad !== undefined);
          if (active.length === 0)
            throw new Error("AdamW: no parameter has a gradient; no objective reached a trained weight.");
          const norm = gradientNorm(active.map(({ parameter }) => parameter.grad!)).item();
          const clip = options.max_grad_norm === null ? 1 : Math.min(1, options.max_grad_norm / (norm + 1e-6));
          // the kernel divides gradients by this
          const scale = clip < 1 ? tensor([1 / clip], { device: active[0]!.parameter.device }) : undefined;
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
          for (const { parameter } of active) parameter.grad = undefined;
          return norm;
        }),
      ),
    state: () =>
      new Map(
        slots.flatMap(
          ({ name, average, squareAverage, steps }) =>
            [
              [`${name}.exp_avg`, average],
              [`${name}.exp_avg_sq`, squareAverage],
              [`${name}.step`, steps],
            ] as const,
        ),
      ),
    restore: (state) =>
      noGrad(() =>
        scope(() => {
          for (const { name, average, squareAverage, steps } of slots) {
            ops.copyInto(average, state.get(`${name}.exp_avg`));
            ops.copyInto(squareAverage, state.get(`${name}.exp_avg_sq`));
            ops.copyInto(steps, state.get(`${name}.step`));
          }
        }),
      ),
  };
}
