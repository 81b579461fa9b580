import { z } from "zod";
import { alone, type Collectives, noGrad, numbersIn, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { presentAnywhere, type Share, sharesOf } from "./distributed.ts";

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

/** What the rank that owns a share of a parameter keeps of it. */
interface Slot {
  /** number of the share */
  share: number;
  /** the share's numbers [n], a view */
  parameter: Tensor;
  average: Tensor;
  squareAverage: Tensor;
  steps: Tensor;
  decays: boolean;
}

/** Vectors are biases and norm weights: decaying them is not regularisation. HF Trainer leaves the same ones out. */
const decays = (parameter: Tensor): boolean => parameter.shape.length > 1;

function gradientNorm(gradients: readonly Tensor[]): Tensor {
  return ops.norm(ops.stack(gradients.map((gradient) => ops.norm(gradient))));
}

/** A tensor's numbers in a row. [… ] → [n] */
const flat = (x: Tensor): Tensor => ops.view(ops.contiguous(x), [-1]);

const part = (numbers: Tensor, { start, size }: Share): Tensor => ops.narrow(numbers, 0, start, size);

/**
 * Each parameter's gradient [n], undefined where there is none. Where several ranks train, each share's numbers are their sum at its
 * owner; a gradient that a rank lacks counts as 0.
 */
function summedGradients(ranks: Collectives, parameters: readonly Tensor[], shares: readonly Share[]) {
  const gradients = parameters.map(({ grad }) => (grad === undefined ? undefined : flat(grad)));
  if (ranks.size === 1) return gradients;
  const present = presentAnywhere(ranks, gradients);
  for (const [i, parameter] of parameters.entries()) if (present[i]) gradients[i] ??= flat(ops.zerosLike(parameter));
  const active = shares.filter(({ parameter }) => present[parameter]);
  ranks.reduceSum(
    active.map((share) => part(gradients[share.parameter]!, share)),
    active.map(({ owner }) => owner),
  );
  return gradients;
}

const slotNames = (name: string) => [`${name}.exp_avg`, `${name}.exp_avg_sq`, `${name}.step`] as const;
const tensorsOf = ({ average, squareAverage, steps }: Slot) => [average, squareAverage, steps] as const;

/**
 * AdamW (Loshchilov & Hutter 2019), libtorch's fused kernel on float32 parameters, moments and gradients.
 * Clipping multiplies by min(1, max_norm / (norm + 1e-6)) as torch's clip_grad_norm_ does, inside the fused kernel.
 *
 * Each share of the parameters has its moments on one rank, which updates it and sends it to the others (ZeRO-1, Rajbhandari et
 * al. 2020).
 */
export function adamW(
  parameters: Iterable<readonly [string, Tensor]>,
  options: AdamWOptions,
  ranks: Collectives = alone,
): Optimizer {
  const all = [...parameters];
  for (const [name, { dtype }] of all)
    if (dtype !== "float32")
      throw new Error(
        `AdamW: ${name} is ${dtype}; trained weights are float32 (compute in bf16 with --dtype bfloat16).`,
      );
  const tensors = all.map(([, parameter]) => parameter);
  const shares = sharesOf(tensors.map(numbersIn), ranks.size);
  // kept across scopes
  const views = noGrad(() =>
    scope(() => shares.map((share) => part(ops.view(tensors[share.parameter]!, [-1]), share).retain())),
  );
  const slots = shares.map(({ owner, parameter, size }, share): Slot | undefined => {
    if (owner !== ranks.rank) return undefined;
    const { device } = tensors[parameter]!;
    const zeros = (shape: readonly number[]) => ops.zeros(shape, "float32", device);
    const moments = { average: zeros([size]), squareAverage: zeros([size]), steps: zeros([]) };
    return { share, parameter: views[share]!, ...moments, decays: decays(tensors[parameter]!) };
  });
  const own = slots.filter((slot) => slot !== undefined);
  type Gradients = readonly (Tensor | undefined)[];
  const gradientOf = (gradients: Gradients, { share }: Slot): Tensor =>
    part(gradients[shares[share]!.parameter]!, shares[share]!);
  const update = (
    chosen: readonly Slot[],
    gradients: Gradients,
    { learningRate, weightDecay, scale }: { learningRate: number; weightDecay: number; scale: Tensor | undefined },
  ) => {
    if (chosen.length === 0) return;
    const of = (pick: (slot: Slot) => Tensor) => chosen.map(pick);
    const steps = of((slot) => slot.steps);
    for (const step of steps) ops.addScalarInto(step, 1);
    ops.fusedAdamWInto(
      of((slot) => slot.parameter),
      of((slot) => gradientOf(gradients, slot)),
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
  const updateOwn = (gradients: Gradients, learningRate: number): number => {
    const active = own.filter(({ share }) => gradients[shares[share]!.parameter] !== undefined);
    const mine = active.length === 0 ? 0 : gradientNorm(active.map((slot) => gradientOf(gradients, slot))).item();
    const norm = Math.hypot(...ranks.exchange(mine));
    const clip = options.max_grad_norm === null ? 1 : Math.min(1, options.max_grad_norm / (norm + 1e-6));
    // the kernel divides gradients by this
    const scale = clip < 1 ? tensor([1 / clip], { device: tensors[0]!.device }) : undefined;
    const decayed = { learningRate, weightDecay: options.weight_decay, scale };
    update(
      active.filter((slot) => slot.decays),
      gradients,
      decayed,
    );
    update(
      active.filter((slot) => !slot.decays),
      gradients,
      { ...decayed, weightDecay: 0 },
    );
    return norm;
  };
  return {
    step: (learningRate) =>
      noGrad(() =>
        scope(() => {
          const gradients = summedGradients(ranks, tensors, shares);
          if (gradients.every((gradient) => gradient === undefined))
            throw new Error("AdamW: no parameter has a gradient; no objective reached a trained weight.");
          const norm = updateOwn(gradients, learningRate);
          for (const parameter of tensors) parameter.grad = undefined;
          const changed = shares.flatMap(({ parameter }, i) => (gradients[parameter] === undefined ? [] : [i]));
          ranks.broadcast(
            changed.map((i) => views[i]!),
            changed.map((i) => shares[i]!.owner),
          );
          return norm;
        }),
      ),
    state() {
      const found = new Map<string, Tensor>();
      const keep = (key: string, shape: readonly number[]): Tensor => {
        const kept = found.get(key) ?? ops.empty(shape);
        found.set(key, kept);
        return shape.length === 0 ? kept : ops.view(kept, [-1]);
      };
      for (const [i, share] of shares.entries()) {
        const slot = slots[i];
        if (ranks.rank > 0) {
          if (slot !== undefined) for (const moment of tensorsOf(slot)) ranks.send(moment, 0);
          continue;
        }
        const [name, { shape }] = all[share.parameter]!;
        for (const [k, key] of slotNames(name).entries()) {
          if (slot !== undefined && share.size === numbersIn(tensors[share.parameter]!)) {
            // not cut: no second copy of it
            found.set(key, ops.view(tensorsOf(slot)[k]!, k < 2 ? shape : []));
            continue;
          }
          const whole = k < 2 ? part(keep(key, shape), share) : keep(key, []);
          if (slot === undefined) ranks.receive(whole, share.owner);
          else ops.copyInto(whole, tensorsOf(slot)[k]!);
        }
      }
      return found;
    },
    restore: (state) =>
      noGrad(() =>
        scope(() => {
          for (const [i, share] of shares.entries()) {
            const slot = slots[i];
            for (const [k, key] of slotNames(all[share.parameter]![0]).entries()) {
              const saved = () => (k < 2 ? part(flat(state!.get(key)), share) : state!.get(key));
              if (slot === undefined) {
                if (ranks.rank === 0) ranks.send(saved(), share.owner);
              } else if (ranks.rank === 0) ops.copyInto(tensorsOf(slot)[k]!, saved());
              else ranks.receive(tensorsOf(slot)[k]!, 0);
            }
          }
        }),
      ),
  };
}
