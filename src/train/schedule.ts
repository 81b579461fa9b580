import { z } from "zod";

const warmup = {
  warmup_ratio: z.number().min(0).max(1).default(0.03).describe("Share of the steps in which the rate rises from 0."),
  warmup_steps: z.int().min(0).optional().describe("Steps in which the rate rises from 0; overrides warmup_ratio."),
};
const floor = z.number().min(0).max(1).default(0).describe("Share of the peak rate at the last step.");

export const scheduleSettings = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("cosine").describe("Half a cosine down to the floor."), ...warmup, floor }),
    z.strictObject({ kind: z.literal("linear").describe("A straight line down to the floor."), ...warmup, floor }),
    z.strictObject({ kind: z.literal("constant").describe("The peak rate after warm-up."), ...warmup }),
    z.strictObject({
      kind: z.literal("wsd").describe("Warm-up, stable peak, decay to the floor (Hu et al. 2024)."),
      ...warmup,
      decay_ratio: z.number().min(0).max(1).default(0.1).describe("Share of the steps in which the rate falls."),
      decay: z.enum(["cosine", "linear", "1-sqrt"]).default("cosine").describe("How it falls."),
      floor,
    }),
  ])
  .prefault({ kind: "cosine" })
  .describe("Course of the learning rate.");
export type ScheduleSettings = z.infer<typeof scheduleSettings>;

/** Warm-up steps of a run: HF Trainer rounds the ratio up. */
export const warmupSteps = (settings: ScheduleSettings, maxSteps: number): number =>
  settings.warmup_steps ?? Math.ceil(maxSteps * settings.warmup_ratio);

const decays = {
  cosine: (progress: number) => 0.5 * (1 + Math.cos(Math.PI * progress)),
  linear: (progress: number) => 1 - progress,
  "1-sqrt": (progress: number) => 1 - Math.sqrt(progress),
};

/** After warm-up: 1, then down to the floor over the last `decay_ratio` of the steps. */
function decayFactor(settings: Extract<ScheduleSettings, { kind: "wsd" }>, step: number, maxSteps: number): number {
  const steps = Math.ceil(maxSteps * settings.decay_ratio);
  const progress = (step - (maxSteps - steps)) / Math.max(1, steps);
  if (progress < 0) return 1;
  const fall = progress < 1 ? decays[settings.decay](progress) : 0;
  return Math.max(0, fall * (1 - settings.floor) + settings.floor);
}

/**
 * Learning-rate factor in force during step `step` (0-based). Reference: transformers' get_linear/cosine/constant schedules
 * with warm-up, get_cosine_with_min_lr_schedule for a floor, get_wsd_schedule.
 */
export function learningRateFactor(settings: ScheduleSettings, step: number, maxSteps: number): number {
  const warm = warmupSteps(settings, maxSteps);
  if (step < warm) return step / Math.max(1, warm);
  if (settings.kind === "constant") return 1;
  if (settings.kind === "wsd") return decayFactor(settings, step, maxSteps);
  const progress = Math.min(1, (step - warm) / Math.max(1, maxSteps - warm));
  const fall = settings.kind === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return Math.max(0, fall * (1 - settings.floor) + settings.floor);
}
