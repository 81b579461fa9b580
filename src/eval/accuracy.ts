import type { ResultRow } from "../run/records.ts";
import { wilson } from "../stats/intervals.ts";
import { argmax, type ChoiceRow } from "./multiple-choice.ts";

/** What a results row says about where it comes from. */
export type ResultPlace = Pick<ResultRow, "task" | "language" | "shots" | "seed" | "prompts">;

/** Figures of multiple choice, by lm-evaluation-harness' names. */
export const choiceMetrics = ["acc", "acc_norm", "acc_bytes", "acc_mutual_info"] as const;
export type ChoiceMetric = (typeof choiceMetrics)[number];

/** What a row predicts by a metric; undefined where it does not say. */
export function predictionBy(metric: ChoiceMetric, row: ChoiceRow): number | undefined {
  switch (metric) {
    case "acc":
      return row.prediction;
    case "acc_norm":
      return row.prediction_norm;
    case "acc_bytes":
      return row.prediction_bytes;
    case "acc_mutual_info":
      return row.unconditional && argmax(row.scores.map((score, i) => score - row.unconditional![i]!));
  }
}

function histogram(values: readonly number[], labels: readonly string[]): Record<string, number> {
  const counts = Object.fromEntries(labels.map((label) => [label, 0]));
  for (const value of values) if (labels[value] !== undefined) counts[labels[value]]!++;
  return counts;
}

/**
 * Accuracies with 95 % Wilson intervals, chance, majority and predictions, one row for each metric. None where nothing was
 * answered.
 */
export function accuracyRows(
  place: ResultPlace,
  rows: readonly ChoiceRow[],
  labels: readonly string[],
  metrics: readonly ChoiceMetric[],
): ResultRow[] {
  const answered = rows.filter(({ error }) => error === undefined);
  const n = answered.length;
  if (n === 0) return [];
  const gold = histogram(
    answered.map(({ label }) => label),
    labels,
  );
  return metrics.flatMap((metric): ResultRow[] => {
    const predictions = answered.map((row) => predictionBy(metric, row));
    if (predictions.some((prediction) => prediction === undefined)) return [];
    const correct = predictions.filter((prediction, i) => prediction === answered[i]!.label).length;
    const { low, high } = wilson(correct, n);
    return [
      {
        ...place,
        metric,
        ...{ value: correct / n, n, low, high },
        chance: 1 / labels.length,
        majority: Math.max(...Object.values(gold)) / n,
        predictions: histogram(predictions as number[], labels),
      },
    ];
  });
}
