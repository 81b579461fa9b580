import type { ExampleRow, ResultRow } from "../run/records.ts";
import { wilson } from "../stats/intervals.ts";

/** What a results row says about where it comes from. */
export type ResultPlace = Pick<ResultRow, "task" | "language" | "shots" | "seed" | "prompts">;

function histogram(values: readonly number[], labels: readonly string[]): Record<string, number> {
  const counts = Object.fromEntries(labels.map((label) => [label, 0]));
  for (const value of values) counts[labels[value]!]!++;
  return counts;
}

/** `acc` and `acc_norm` (as lm-evaluation-harness names them) with 95 % Wilson intervals, chance, majority and predictions. */
export function accuracyRows(place: ResultPlace, rows: readonly ExampleRow[], labels: readonly string[]): ResultRow[] {
  const n = rows.length;
  const gold = histogram(
    rows.map(({ label }) => label),
    labels,
  );
  const make = (metric: string, predictions: number[]): ResultRow => {
    const correct = predictions.filter((prediction, i) => prediction === rows[i]!.label).length;
    const { low, high } = wilson(correct, n);
    return {
      ...place,
      metric,
      value: correct / n,
      n,
      low,
      high,
      chance: 1 / labels.length,
      majority: Math.max(...Object.values(gold)) / n,
      predictions: histogram(predictions, labels),
    };
  };
  return [
    make(
      "acc",
      rows.map(({ prediction }) => prediction),
    ),
    make(
      "acc_norm",
      rows.map(({ prediction_norm }) => prediction_norm),
    ),
  ];
}
