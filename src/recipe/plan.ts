import type { EncodedPrompt } from "../data/encode.ts";
import { type Objective, sizeOf } from "../objectives/objective.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { rowsOf, type TrainingRows } from "./objectives.ts";
import type { Preflight } from "./preflight.ts";
import type { RowCount } from "./reading.ts";
import type { Recipe } from "./schema.ts";

/** What a training stage would do, told before it does anything. */
export interface TrainingPlan {
  objectives: {
    name: string;
    weight: number;
    rows: number;
    unit: string;
    unitsPerStep: number;
    tokensPerStep: number;
  }[];
  steps: number;
  parameters: number;
  need: Preflight;
  /** rows of every language, by what they are for */
  counts: readonly RowCount[];
  /** the first row of every objective as the model will see it; what is not supervised stands in ⟦ ⟧ */
  samples: { objective: string; text: string }[];
}

/** Steps that the averages look at. */
const lookAhead = 20;

async function showPrompt(tokenizer: Tokenizer, { ids, promptLength }: EncodedPrompt): Promise<string> {
  const show = (part: Int32Array) => tokenizer.decode([...part], { skipSpecialTokens: false });
  return `⟦${await show(ids.subarray(0, promptLength))}⟧${await show(ids.subarray(promptLength))}`;
}

/** The first row of every objective as the model will see it. */
export async function showSamples(tokenizer: Tokenizer, rows: TrainingRows): Promise<TrainingPlan["samples"]> {
  const show = (ids: Int32Array) => tokenizer.decode([...ids], { skipSpecialTokens: false });
  const samples: TrainingPlan["samples"] = [];
  const [pair] = rows.pairs;
  if (pair !== undefined)
    samples.push({
      objective: "contrastive",
      text: `${await show(pair.left)} ↔ ${await show(pair.right)}${pair.negative ? ` ≠ ${await show(pair.negative)}` : ""}`,
    });
  for (const [objective, row] of [
    ["instruction", rows.instructions[0]],
    ...(rows.replays ?? []).map((replay) => ["replayed", replay.rows[0]] as const),
    ["translation", rows.translations[0]],
  ] as const)
    if (row !== undefined) samples.push({ objective, text: await showPrompt(tokenizer, row) });
  if (rows.text[0] !== undefined) samples.push({ objective: "text", text: await show(rows.text[0]) });
  return samples;
}

/** Plans the training stage of a recipe from its rows, its objectives over them, and what it needs. */
export async function planTraining(
  recipe: Recipe,
  rows: TrainingRows,
  tokenizer: Tokenizer,
  run: Pick<TrainingPlan, "steps" | "parameters" | "need" | "counts"> & { objectives: readonly Objective[] },
): Promise<TrainingPlan> {
  const accumulation = recipe.train!.gradient_accumulation_steps;
  return {
    objectives: run.objectives.map(({ name, weight, unit, work }) => {
      const batches = Array.from({ length: lookAhead }, (_, position) => sizeOf(work([position], 1)));
      const perStep = (pick: (b: (typeof batches)[number]) => number) =>
        Math.round((accumulation * batches.reduce((sum, b) => sum + pick(b), 0)) / lookAhead);
      return {
        name,
        weight,
        rows: rowsOf(rows, name).length,
        unit,
        unitsPerStep: perStep((b) => b.units),
        tokensPerStep: perStep((b) => b.tokens),
      };
    }),
    steps: run.steps,
    parameters: run.parameters,
    need: run.need,
    counts: run.counts,
    samples: await showSamples(tokenizer, rows),
  };
}
