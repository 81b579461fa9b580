import { accuracyRows } from "../eval/accuracy.ts";
import { answerMetrics, answerRows, generateAnswers } from "../eval/answers.ts";
import { scoreChoices } from "../eval/multiple-choice.ts";
import type { EvaluationUnit } from "../eval/units.ts";
import type { Model } from "../models/model.ts";
import { UsageError } from "../run/errors.ts";
import type { ResultRow } from "../run/records.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { readEvaluationData } from "./evaluation-data.ts";
import { evaluateSettings, type Recipe } from "./schema.ts";

/** Reads the items of development.tasks: the last ones of their files, so that what `evaluate` takes from the top is left alone. */
export async function readDevelopmentTasks({ train }: Recipe): Promise<EvaluationUnit[]> {
  const units: EvaluationUnit[] = [];
  for (const { task, languages, shots, limit, split, prompts, data } of train!.development?.tasks ?? []) {
    const settings = evaluateSettings.safeParse({ data, tasks: [task], languages, shots: [shots], prompts });
    const told = (text: string) => text.replace(/^evaluate\.(\w+)/, "train.development.tasks ($1)");
    if (!settings.success) throw new UsageError(told(`evaluate.prompts: ${settings.error.issues[0]!.message}`));
    try {
      const found = await readEvaluationData(settings.data, { protocol: { split } });
      for (const unit of found.units) units.push({ ...unit, examples: unit.examples.slice(-limit) } as EvaluationUnit); // of its own kind
    } catch (cause) {
      if (!(cause instanceof UsageError)) throw cause;
      throw new UsageError(told(cause.message), { cause });
    }
  }
  return units;
}

const taskName = ({ task, shots }: EvaluationUnit): string => (shots === 0 ? task : `${task}-${shots}shot`);

/** The name of a unit's figure: its task's main one. */
function figureName(unit: EvaluationUnit): string {
  const metric = unit.kind === "choice" ? unit.metrics[0]! : answerMetrics(unit.rules)[0]!;
  return metric === "acc" ? "accuracy" : metric;
}

/** Names of what `followTasks` measures. */
export function taskMetrics(units: readonly EvaluationUnit[]): string[] {
  const each = units.map((unit) => `${taskName(unit)}.${unit.language}.${figureName(unit)}`);
  return [...each, ...new Set(units.map((unit) => `${taskName(unit)}.${figureName(unit)}`))];
}

interface Following {
  model: Model;
  tokenizer: Tokenizer;
  batchTokens: number;
  compute: Dtype;
}

async function figure(unit: EvaluationUnit, { model, tokenizer, batchTokens, compute }: Following): Promise<number> {
  const place = { task: unit.task, language: unit.language, shots: unit.shots, seed: unit.seed, prompts: unit.prompts };
  const options = { setup: "", batchTokens }; // nothing is kept: the weights are others every time
  let rows: ResultRow[];
  if (unit.kind === "choice") {
    const { encoding, labels, metrics, examples } = unit;
    const scored = await scoreChoices(model, tokenizer, examples, { ...options, encoding, compute });
    rows = accuracyRows(place, scored, labels, [metrics[0]!]);
  } else {
    const { rules, examples, decoding, prompts } = unit;
    const asked = { ...options, prompts, rules, decoding, addSpecialTokens: true };
    rows = answerRows(place, await generateAnswers(model, tokenizer, examples, asked), answerMetrics(rules));
  }
  const [first] = rows;
  if (first === undefined) throw new Error(`${unit.task} ${unit.language}: no item could be answered.`);
  return first.value;
}

/** The main figure of every unit, by the evaluation's own engine, and the mean of each task over its languages. */
export async function followTasks(units: readonly EvaluationUnit[], by: Following): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const byTask = new Map<string, number[]>();
  for (const unit of units) {
    const value = await figure(unit, by);
    found[`${taskName(unit)}.${unit.language}.${figureName(unit)}`] = value;
    const mean = `${taskName(unit)}.${figureName(unit)}`;
    byTask.set(mean, [...(byTask.get(mean) ?? []), value]);
  }
  for (const [name, values] of byTask) found[name] = values.reduce((a, b) => a + b, 0) / values.length;
  return found;
}
