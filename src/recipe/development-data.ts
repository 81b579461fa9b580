import { readText } from "../data/text.ts";
import type { EvaluationUnit } from "../eval/units.ts";
import { UsageError } from "../run/errors.ts";
import { language } from "../text/languages.ts";
import type { DevelopmentSettings } from "../train/development.ts";
import { readDevelopmentTasks, taskMetrics } from "./development-tasks.ts";
import { resolvePath } from "./read.ts";
import type { Recipe } from "./schema.ts";

/** What is followed while training, beside the objectives. */
export interface DevelopmentData {
  /** lines by language */
  text: Map<string, string[]>;
  units: EvaluationUnit[];
}

function readHeldOutText({ text }: DevelopmentSettings): Map<string, string[]> {
  if (text === undefined) return new Map();
  const place = resolvePath(text.path, "train.development.text.path");
  const codes = text.languages.map((spelling) => language(spelling).code);
  return new Map(
    codes.map((code) => {
      const lines = readText(place, [code]).documents.flatMap((document) => document.split("\n"));
      return [code, lines.filter((line) => line.trim() !== "").slice(0, text.limit)];
    }),
  );
}

/** Refuses a guard over languages, and a metric, that nothing measures. */
function check({ train }: Recipe, { text, units }: DevelopmentData): void {
  const { guard, metric } = train!.development!;
  const measured = new Set([...text.keys(), ...units.map((unit) => unit.language)]);
  const unguarded = (guard?.languages ?? []).filter((spelling) => !measured.has(language(spelling).code));
  if (unguarded.length > 0)
    throw new UsageError(
      `train.development.guard.languages: ${unguarded.join(", ")}: not among the languages of development.text or tasks, so nothing is measured.`,
    );
  const objectives = Object.keys(train!.objectives);
  const names = [
    ...[
      "loss",
      ...objectives.map((name) => `${name}.loss`),
      ...(train!.objectives.contrastive ? ["contrastive.accuracy"] : []),
    ],
    ...[...text.keys()].map((code) => `bits_per_byte.${code}`),
    ...taskMetrics(units),
  ];
  // further figures of an objective are known when it has been evaluated
  if (!names.includes(metric) && !objectives.includes(metric.split(".")[0]!))
    throw new UsageError(`train.development.metric: ${metric} is not measured; measured: ${names.join(", ")}.`);
}

/** Reads what is followed while training. */
export async function readDevelopmentData(recipe: Recipe): Promise<DevelopmentData | undefined> {
  const { development } = recipe.train!;
  if (development === undefined) return undefined;
  const data = { text: readHeldOutText(development), units: await readDevelopmentTasks(recipe) };
  check(recipe, data);
  return data;
}
