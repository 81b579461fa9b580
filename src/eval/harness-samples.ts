import { createHash } from "node:crypto";
import type { ResultRow } from "../run/records.ts";
import { type ChoiceMetric, choiceMetrics, predictionBy } from "./accuracy.ts";
import { type AnswerRow, answerMetrics } from "./answers.ts";
import type { ChoiceRow } from "./multiple-choice.ts";
import type { AnsweredUnit, AnswerUnit, ChoiceUnit } from "./units.ts";

/** A document of a task: its fields by their own names. */
export type Document = Readonly<Record<string, unknown>>;

/** A line of samples_<task>_<date>.jsonl. */
export type Sample = Record<string, unknown>;

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A number or flag as Python's `str` writes it. */
const python = (value: number | boolean): string =>
  typeof value === "boolean" ? (value ? "True" : "False") : String(value);

function common(id: number, doc: Document, target: string, prompt: string, filter: string): Sample {
  return {
    ...{ doc_id: id, doc, target, filter },
    doc_hash: sha256(JSON.stringify(doc, null, 2)),
    prompt_hash: sha256(prompt),
    target_hash: sha256(target),
  };
}

/** The index of the right choice; where the choices stand in the contexts, what follows them. */
function targetOf({ requests, label }: ChoiceUnit["examples"][number], delimiter: string): string {
  const [first] = requests;
  const inContext = requests.every(({ continuation }) => continuation === first!.continuation);
  return inContext && requests.length > 1 ? first!.continuation.slice(delimiter.length) : String(label);
}

function choiceSamples(
  unit: ChoiceUnit,
  rows: readonly ChoiceRow[],
  documents: ReadonlyMap<string, Document>,
): Sample[] {
  return rows.flatMap((row, i): Sample[] => {
    if (row.error !== undefined) return [];
    const example = unit.examples[i]!;
    const requests = [...example.requests, ...(example.unconditional ?? [])];
    const scores = [...row.scores, ...(row.unconditional ?? [])];
    const greedy = [...row.greedy, ...(row.unconditional_greedy ?? [])];
    const answers = scores.map((score, c) => [python(score), python(greedy[c]!)]);
    const metrics = unit.metrics.filter((metric) => predictionBy(metric, row) !== undefined);
    const target = targetOf(example, unit.delimiter);
    const doc = documents.get(row.id) ?? { id: row.id, label: example.label };
    return [
      {
        ...common(i, doc, target, requests[0]!.context, "none"),
        arguments: Object.fromEntries(
          requests.map(({ context, continuation }, r) => [`gen_args_${r}`, { arg_0: context, arg_1: continuation }]),
        ),
        resps: answers.map((answer) => [answer]),
        filtered_resps: answers,
        metrics,
        ...Object.fromEntries(metrics.map((metric) => [metric, Number(predictionBy(metric, row) === row.label)])),
      },
    ];
  });
}

/** `exact_match,flexible-extract` → metric and filter. */
export const filtered = (metric: string): [metric: string, filter: string] => {
  const [name, filter = "none"] = metric.split(",");
  return [name!, filter];
};

function answerSamples(
  unit: AnswerUnit,
  rows: readonly AnswerRow[],
  documents: ReadonlyMap<string, Document>,
): Sample[] {
  const own = answerMetrics(unit.rules);
  const filters = [...new Set([...own, ...unit.corpusMetrics].map((metric) => filtered(metric)[1]))];
  return filters.flatMap((filter) =>
    rows.flatMap((row, i): Sample[] => {
      if (row.error !== undefined) return [];
      const { prompt } = unit.examples[i]!;
      const target = row.targets[0]!;
      const figures = own.filter((metric) => filtered(metric)[1] === filter);
      const corpus = filter === "none" ? unit.corpusMetrics : [];
      const { stop: until, maximumNewTokens: max_gen_toks } = unit.rules;
      return [
        {
          ...common(i, documents.get(row.id) ?? { id: row.id }, target, prompt, filter),
          arguments: { gen_args_0: { arg_0: prompt, arg_1: { until, do_sample: false, max_gen_toks } } },
          resps: [[row.text]],
          filtered_resps: [row.answer],
          metrics: [...figures, ...corpus].map((metric) => filtered(metric)[0]),
          ...Object.fromEntries(
            figures.map((metric) => [filtered(metric)[0], (row as unknown as Record<string, number>)[metric]]),
          ),
          ...Object.fromEntries(corpus.map((metric) => [metric, [target, row.answer]])),
        },
      ];
    }),
  );
}

export const samplesOf = ({ unit, rows }: AnsweredUnit, documents: ReadonlyMap<string, Document>): Sample[] =>
  unit.kind === "choice"
    ? choiceSamples(unit, rows as readonly ChoiceRow[], documents)
    : answerSamples(unit, rows as readonly AnswerRow[], documents);

/** The 0s and 1s (or fractions) that a figure is the mean of; undefined for one of all answers together. */
export function valuesOf({ unit, rows }: AnsweredUnit, { metric }: ResultRow): number[] | undefined {
  const answered = rows.filter(({ error }) => error === undefined);
  if (unit.kind === "choice") {
    if (!choiceMetrics.includes(metric as ChoiceMetric)) return undefined;
    return (answered as ChoiceRow[]).map((row) => Number(predictionBy(metric as ChoiceMetric, row) === row.label));
  }
  if (!answerMetrics(unit.rules).includes(metric)) return undefined;
  return answered.map((row) => (row as unknown as Record<string, number>)[metric]!);
}
