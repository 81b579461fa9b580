import { z } from "zod";
import { instructionSource, parallelSource } from "./sources.ts";

const taskSettings = z.strictObject({
  task: z.string().describe("Name of a task (docs/tasks.md), or a task file (my.yaml)."),
  languages: z.array(z.string()).min(1).describe("Languages of its items."),
  shots: z
    .int()
    .min(0)
    .default(0)
    .describe(
      "Demonstrations before each item; their number becomes part of the metric's name (xnli-4shot.de.accuracy).",
    ),
  limit: z
    .int()
    .min(1)
    .default(100)
    .describe("Items per language, from the bottom of the file: evaluate.limit takes them from the top."),
  split: z.enum(["train", "dev", "test"]).default("dev").describe("Split of the items."),
  prompts: z.string().default("interlingua").describe("Prompt set (docs/tasks.md)."),
  data: z.string().default("${INTERLINGUA_DATA}").describe("Folder with the task's subfolder."),
});

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
    tasks: z
      .array(taskSettings)
      .min(1)
      .optional()
      .describe("In-context tasks to follow, on items that choose the checkpoint and are not reported."),
    metric: z
      .string()
      .default("loss")
      .describe(
        "What the best checkpoint is chosen by: loss, <objective>.loss, contrastive.accuracy, bits_per_byte.<language>, <task>.<language>.accuracy, or <task>.accuracy for their mean.",
      ),
    load_best: z.boolean().default(true).describe("Export the best checkpoint, not the last."),
    patience: z
      .int()
      .min(1)
      .optional()
      .describe("Stop after so many evaluations without a better one; never by default."),
    guard: z
      .strictObject({
        languages: z
          .array(z.string())
          .min(1)
          .describe("Languages of development.text or tasks that must not be forgotten."),
        budget: z.number().min(0).default(0.05).describe("Relative rise of their bits per byte that is tolerated."),
        task_budget: z
          .number()
          .min(0)
          .default(0.05)
          .describe("Fall of their figures of development.tasks that is tolerated; 0.05 is five points of accuracy."),
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
  /** what is beyond the guard's budget: languages with the relative rise of their bits per byte, task figures with their fall */
  forgotten: Record<string, number>;
}

/** Less of these is better, more of accuracies and the other figures of tasks. */
const risesWhenBetter = (metric: string): boolean =>
  !/(^|\.)(loss|alignment|uniformity)$|^bits_per_byte\./.test(metric);

/** The metric that a checkpoint is chosen by, larger being better. */
export function merit({ metrics }: DevelopmentRecord, metric: string): number {
  const value = metrics[metric];
  if (value === undefined)
    throw new RangeError(
      `train.development.metric: ${metric} is not measured; measured: ${Object.keys(metrics).sort().join(", ")}.`,
    );
  return risesWhenBetter(metric) ? value : -value;
}

const bitsOf = (language: string): string => `bits_per_byte.${language}`;

/** The figures of tasks in a language: <task>.<language>.<metric>. */
const taskFigures = (metrics: Record<string, number>, language: string): string[] =>
  Object.keys(metrics).filter((name) => name.split(".").at(-2) === language && name !== bitsOf(language));

/** Guarded languages whose bits per byte rose, or whose figures of tasks fell, by more than the budget since before training. */
export function forgotten(
  now: Record<string, number>,
  base: Record<string, number>,
  guard: DevelopmentSettings["guard"],
): Record<string, number> {
  const { languages = [], budget = 0, task_budget: points = 0 } = guard ?? {};
  const rises = languages.flatMap((language) => {
    const [after, before] = [now[bitsOf(language)], base[bitsOf(language)]];
    return after === undefined || before === undefined ? [] : [[language, after / before - 1] as const];
  });
  const falls = languages.flatMap((language) =>
    taskFigures(base, language).map((name) => [name, base[name]! - (now[name] ?? 0)] as const),
  );
  return Object.fromEntries([
    ...rises.filter(([, rise]) => rise > budget),
    ...falls.filter(([, fall]) => fall > points + 1e-12), // 0.05 is not a sum of hundredths
  ]);
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
    const isFall = ([name]: readonly [string, number]) => name.includes(".");
    const rises = lost
      .filter((one) => !isFall(one))
      .map(([language, rise]) => `${language} +${(100 * rise).toFixed(1)} %`);
    const falls = lost.filter(isFall).map(([name, fall]) => `${name} by ${(100 * fall).toFixed(1)} points`);
    return [
      ...(rises.length > 0 ? [`bits per byte rose beyond the guard's budget: ${rises.join(", ")}`] : []),
      ...(falls.length > 0 ? [`fell beyond the guard's budget: ${falls.join(", ")}`] : []),
    ].join("; ");
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
