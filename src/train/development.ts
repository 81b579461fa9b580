import { z } from "zod";
import { instructionSource, parallelSource } from "./sources.ts";

export const developmentSettings = z
  .strictObject({
    eval_steps: z
      .int()
      .min(1)
      .default(500)
      .describe("Optimizer steps between evaluations; each also saves a checkpoint."),
    validation_share: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.05)
      .describe("Share of every objective's rows that is held out of training and evaluated."),
    parallel: parallelSource
      .optional()
      .describe("Pairs to evaluate the contrastive objective on, instead of a share of its own."),
    instructions: instructionSource
      .optional()
      .describe("Rows to evaluate the instruction objective on, instead of a share of its own."),
    text: z
      .strictObject({
        path: z
          .string()
          .describe("Plain text that is not trained on: a file, a folder of files by language, or JSONL."),
        languages: z.array(z.string()).min(1).describe("Languages whose bits per byte are followed."),
        limit: z.int().min(1).default(100).describe("Lines per language, from the top."),
      })
      .optional()
      .describe("Held-out text, to see what is forgotten."),
    metric: z
      .string()
      .default("loss")
      .describe(
        "What the best checkpoint is chosen by: loss, <objective>.loss, contrastive.accuracy, bits_per_byte.<language>.",
      ),
    load_best: z.boolean().default(true).describe("Export the best checkpoint, not the last."),
    patience: z
      .int()
      .min(1)
      .optional()
      .describe("Stop after so many evaluations without a better one; never by default."),
    guard: z
      .strictObject({
        languages: z.array(z.string()).min(1).describe("Languages of development.text that must not be forgotten."),
        budget: z.number().min(0).default(0.05).describe("Relative rise of their bits per byte that is tolerated."),
        action: z
          .enum(["stop", "roll_back"])
          .default("roll_back")
          .describe("stop: end and keep the last weights; roll_back: end and keep the best within the budget."),
      })
      .optional()
      .describe("Ends the run when it forgets."),
  })
  .describe("Evaluation while training, on data that is neither trained on nor tested on.");
export type DevelopmentSettings = z.infer<typeof developmentSettings>;

/** One evaluation: development.jsonl. */
export interface DevelopmentRecord {
  step: number;
  metrics: Record<string, number>;
  /** languages beyond the guard's budget, with their relative rise of bits per byte */
  forgotten: Record<string, number>;
}

/** More of an accuracy is better, less of everything else. */
const risesWhenBetter = (metric: string): boolean => metric.endsWith("accuracy");

/** The metric that a checkpoint is chosen by, larger being better. */
export function merit({ metrics }: DevelopmentRecord, metric: string): number {
  const value = metrics[metric];
  if (value === undefined)
    throw new RangeError(
      `train.development.metric: ${metric} is not measured; measured: ${Object.keys(metrics).sort().join(", ")}.`,
    );
  return risesWhenBetter(metric) ? value : -value;
}

/** Guarded languages whose bits per byte rose by more than the budget since before training. */
export function forgotten(
  now: Record<string, number>,
  base: Record<string, number>,
  guard: DevelopmentSettings["guard"],
): Record<string, number> {
  const rises = (guard?.languages ?? []).map((language) => {
    const key = `bits_per_byte.${language}`;
    return [language, now[key]! / base[key]! - 1] as const;
  });
  return Object.fromEntries(rises.filter(([, rise]) => rise > guard!.budget));
}

/** The best record: among trained ones within the guard's budget where it rolls back. */
export function best(
  records: readonly DevelopmentRecord[],
  { metric, guard }: DevelopmentSettings,
): DevelopmentRecord | undefined {
  const eligible = records.filter(
    ({ step, forgotten }) => step > 0 && (guard?.action !== "roll_back" || Object.keys(forgotten).length === 0),
  );
  return eligible.toSorted((a, b) => merit(b, metric) - merit(a, metric))[0];
}

/** Why a run should end after its last record, in words; undefined where it should go on. */
export function reasonToStop(records: readonly DevelopmentRecord[], settings: DevelopmentSettings): string | undefined {
  const last = records.at(-1)!;
  const lost = Object.entries(last.forgotten);
  if (lost.length > 0) {
    const named = lost.map(([language, rise]) => `${language} +${(100 * rise).toFixed(1)} %`).join(", ");
    return `bits per byte rose beyond the guard's budget: ${named}`;
  }
  const { patience, metric } = settings;
  if (patience === undefined) return undefined;
  const trained = records.filter(({ step }) => step > 0);
  const leader = best(trained, settings);
  const since = trained.length - 1 - trained.indexOf(leader!);
  return leader !== undefined && since >= patience
    ? `${metric} has not become better in ${since} evaluations`
    : undefined;
}
