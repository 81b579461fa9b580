import { bitsPerByte } from "../eval/bits-per-byte.ts";
import type { Model } from "../models/model.ts";
import type { Objective } from "../objectives/objective.ts";
import { type LineWriter, openLines, readLines } from "../run/lines.ts";
import { language } from "../text/languages.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { best, type DevelopmentRecord, forgotten, merit, reasonToStop } from "../train/development.ts";
import { validate } from "../train/validation.ts";
import type { DevelopmentData } from "./development-data.ts";
import { followTasks } from "./development-tasks.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** Evaluation while training. */
export interface Development {
  due(step: number): boolean;
  /** Evaluates the model as it is after a step; returns why the run should end, if it should. */
  evaluate(step: number): Promise<string | undefined>;
  /** Why the run ended after the step that it resumes from; undefined where it did not. */
  ended(step: number): string | undefined;
  /** the best evaluated step so far */
  best(): DevelopmentRecord | undefined;
  close(): void;
}

interface Inputs {
  recipe: Recipe;
  model: Model;
  tokenizer: Tokenizer;
  data: DevelopmentData;
  /** over the held-out rows */
  objectives: readonly Objective[];
  /** development.jsonl */
  path: string;
  /** the step that the run resumes from; records beyond it are cut */
  from: number;
  /** the run's last step, which is evaluated in any case */
  last: number;
  watch: Watch;
}

async function followText(
  { recipe, model, tokenizer }: Inputs,
  held: DevelopmentData["text"],
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  for (const [code, lines] of held) {
    const options = { batchTokens: recipe.batch_tokens, compute: recipe.dtype };
    const { bits, bytes } = await bitsPerByte(model, tokenizer, lines, options);
    found[`bits_per_byte.${code}`] = sum(bits) / sum(bytes);
  }
  return found;
}

function describe({ step, metrics }: DevelopmentRecord, metric: string): string {
  const shown = Object.entries(metrics).filter(
    ([name]) => name === metric || /loss$|accuracy$|^bits_per_byte/.test(name),
  );
  return `step ${step}: ${shown.map(([name, value]) => `${name} ${value.toFixed(4)}`).join(", ")}`;
}

/** Opens the evaluation of a training run, measuring the model before its first step. */
export async function openDevelopment(inputs: Inputs): Promise<Development> {
  const settings = inputs.recipe.train!.development!;
  const { metric, eval_steps } = settings;
  const { model, tokenizer, recipe, data } = inputs;
  const following = { model, tokenizer, batchTokens: recipe.batch_tokens, compute: recipe.dtype };
  const writer: LineWriter = openLines<DevelopmentRecord>(inputs.path, ({ step }) => step <= inputs.from);
  const records = readLines<DevelopmentRecord>(inputs.path);
  const guard = settings.guard && {
    ...settings.guard,
    languages: settings.guard.languages.map((spelling) => language(spelling).code),
  };

  async function evaluate(step: number): Promise<string | undefined> {
    const validation = await validate(inputs.model, inputs.objectives, inputs.recipe.dtype);
    const tasks = await followTasks(data.units, following);
    const metrics = { ...validation, ...(await followText(inputs, data.text)), ...tasks };
    const record = { step, metrics, forgotten: step === 0 ? {} : forgotten(metrics, records[0]!.metrics, guard) };
    merit(record, metric); // refuses a metric that nothing measures
    records.push(record);
    writer.append(record);
    writer.sync();
    inputs.watch.say(describe(record, metric));
    return step === 0 ? undefined : reasonToStop(records, settings);
  }
  if (records.length === 0) await evaluate(0);
  return {
    due: (step) => (step % eval_steps === 0 || step === inputs.last) && records.every((record) => record.step !== step),
    evaluate,
    ended: (step) => (step > 0 && records.at(-1)!.step === step ? reasonToStop(records, settings) : undefined),
    best: () => best(records, settings),
    close: writer.close,
  };
}
