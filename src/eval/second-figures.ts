import type { Interval } from "../stats/intervals.ts";
import { accuracyRows, type ResultPlace } from "./accuracy.ts";
import { type AnswerRow, answerMetrics, answerRows } from "./answers.ts";
import type { Doubts } from "./doubts.ts";
import type { ChoiceRow } from "./multiple-choice.ts";
import type { EvaluationUnit } from "./units.ts";

/** A figure over other items, or by other labels, beside the one over all. */
export interface SecondFigure extends Interval {
  value: number;
  n: number;
}

/** Fields of a results row; where no item is left, `without` has no figure but n 0. */
export interface SecondFigures {
  without?: (SecondFigure | { n: 0; value?: undefined }) & { rules: readonly string[]; dropped: number };
  pivot_labels?: SecondFigure & { changed: number };
}

type Rows = readonly (ChoiceRow | AnswerRow)[];

/** The unit's own figures over some of its rows, by metric. */
function figuresOf(unit: EvaluationUnit, rows: Rows): Map<string, SecondFigure> {
  const { task, language, shots, seed, prompts } = unit;
  const place: ResultPlace = { task, language, shots, seed, prompts };
  const found =
    unit.kind === "choice"
      ? accuracyRows(place, rows as readonly ChoiceRow[], unit.labels, unit.metrics)
      : answerRows(place, rows as readonly AnswerRow[], answerMetrics(unit.rules));
  return new Map(found.map(({ metric, value, n, low, high }) => [metric, { value, n, low, high }]));
}

/** Second figures of a unit by metric: without the items of some checks, and by the labels that the pivot has. */
export function secondFigures(unit: EvaluationUnit, rows: Rows, doubts: Doubts): Map<string, SecondFigures> {
  const { without, pivotLabels } = doubts;
  const found = new Map<string, SecondFigures>();
  const add = (metric: string, figures: SecondFigures) => found.set(metric, { ...found.get(metric), ...figures });
  if (without !== undefined) {
    const kept = rows.filter(({ id }) => !without.ids.has(id));
    const more = { rules: without.rules, dropped: rows.length - kept.length };
    const figures = figuresOf(unit, kept);
    for (const metric of figuresOf(unit, rows).keys())
      add(metric, { without: { ...(figures.get(metric) ?? { n: 0 }), ...more } });
  }
  if (pivotLabels !== undefined && unit.kind === "choice") {
    const own = rows as readonly ChoiceRow[];
    const relabelled = own.map((row) => ({ ...row, label: pivotLabels.get(row.id) ?? row.label }));
    const changed = relabelled.filter(({ label }, i) => label !== own[i]!.label).length;
    for (const [metric, figure] of figuresOf(unit, relabelled)) add(metric, { pivot_labels: { ...figure, changed } });
  }
  return found;
}
