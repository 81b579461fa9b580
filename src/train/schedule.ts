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
  ])
  .prefault({ kind: "cosine" })
  .describe("Course of the learning rate.");
export type ScheduleSettings = z.infer<typeof scheduleSettings>;

/** Warm-up steps of a run: HF Trainer rounds the ratio up. */
export const warmupSteps = (settings: ScheduleSettings, maxSteps: number): number =>
  settings.warmup_steps ?? Math.ceil(maxSteps * settings.warmup_ratio);

/**
 * Learning-rate factor in force during step `step` (0-based). Reference: transformers' get_linear/cosine/constant schedules
 * with warm-up, and get_cosine_with_min_lr_schedule for a floor.
 */
export function learningRateFactor(settings: ScheduleSettings, step: number, maxSteps: number): number {
  const warm = warmupSteps(settings, maxSteps);
  if (step < warm) return step / Math.max(1, warm);
  if (settings.kind === "constant") return 1;
  const progress = Math.min(1, (step - warm) / Math.max(1, maxSteps - warm));
  const fall = settings.kind === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return Math.max(0, fall * (1 - settings.floor) + settings.floor);
}
