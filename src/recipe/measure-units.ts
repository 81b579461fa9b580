import { accuracyRows, type ResultPlace } from "../eval/accuracy.ts";
import { answerMetrics, answerRows, generateAnswers } from "../eval/answers.ts";
import { encodeExamples } from "../eval/encode-choices.ts";
import type { KeptRow } from "../eval/kept-rows.ts";
import { type ChoiceRow, scoreChoices } from "../eval/multiple-choice.ts";
import { normalisationFindings } from "../eval/normalisation-check.ts";
import { promptSample } from "../eval/prompt-sample.ts";
import { secondFigures } from "../eval/second-figures.ts";
import { translationRows } from "../eval/translation-rows.ts";
import type { AnsweredUnit, AnswerUnit, ChoiceUnit, EvaluationUnit } from "../eval/units.ts";
import { modelKey, type ResultRow } from "../run/records.ts";
import { wilson } from "../stats/intervals.ts";
import type { Finding } from "../tasks/finding.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import { type Measurement, setupOf } from "./measurement.ts";

/** A unit that was measured, and what there is to know about it. */
export interface MeasuredUnit extends AnsweredUnit {
  checks: Finding[];
}

const placeOf = ({ task, language, shots, seed, prompts }: EvaluationUnit): ResultPlace => ({
  ...{ task, language, shots, seed, prompts },
});

/** Where the rows are kept, and how they are made. */
function keeping(m: Measurement, { task, language, shots, seed }: EvaluationUnit) {
  return {
    path: m.folder.examples(modelKey(m.identity), task, language, shots, seed),
    ...{ setup: setupOf(m), signal: m.watch.signal, batchTokens: m.batchTokens },
  };
}

/** The figures with what else is to be said of the same answers. */
function withSecondFigures(results: readonly ResultRow[], unit: EvaluationUnit, rows: AnsweredUnit["rows"]) {
  const more = secondFigures(unit, rows, unit.doubts ?? {});
  return results.map((row): ResultRow => ({ ...row, ...more.get(row.metric) }));
}

/** The share of items of which the model's window did not hold a request whole. */
function truncationRows(place: ResultPlace, rows: readonly (KeptRow & { cut?: number })[]): ResultRow[] {
  const answered = rows.filter(({ error }) => error === undefined);
  const n = answered.length;
  if (n === 0) return [];
  const cut = answered.filter((row) => (row.cut ?? 0) > 0).length;
  return [{ ...place, metric: "truncation", value: cut / n, n, ...wilson(cut, n) }];
}

function finding(
  place: ResultPlace,
  check: string,
  severity: Finding["severity"],
  rows: readonly KeptRow[],
  message: string,
): Finding {
  const { task, language, shots } = place;
  return { check, task, language, severity, items: rows.map(({ id }) => id), message: `${shots}-shot: ${message}` };
}

/** Items without an answer, and choices whose tokens are one with their context's. */
function rowFindings(place: ResultPlace, rows: readonly (KeptRow & Pick<ChoiceRow, "merged">)[]): Finding[] {
  const bad = rows.filter(({ error }) => error !== undefined);
  const merged = rows.filter((row) => (row.merged ?? 0) > 0);
  return [
    ...(bad.length > 0
      ? [
          finding(
            place,
            "failed-items",
            "error",
            bad,
            `${bad.length} items could not be answered and are left out. The first: ${bad[0]!.error}`,
          ),
        ]
      : []),
    ...(merged.length > 0
      ? [
          finding(
            ...([place, "boundary-merged", "warning", merged] as const),
            `on ${merged.length} items the first token of a choice is one with the end of its context; they are cut where ` +
              "lm-evaluation-harness cuts them.",
          ),
        ]
      : []),
  ];
}

/** The first item as the model reads it. */
async function choiceSample(m: Measurement, unit: ChoiceUnit): Promise<Finding[]> {
  const example = unit.examples[0]!;
  const [encoded] = await encodeExamples(m.tokenizer, [example], unit.encoding);
  if (encoded === undefined || encoded instanceof Error || encoded.choices.flat().length === 0) return [];
  const [request] = encoded.choices.flat();
  const { context, continuation } = example.requests[0]!;
  const isPromptOnly = unit.encoding.scoring === "label-tokens";
  const ids = isPromptOnly ? request!.context : [...request!.context, ...request!.continuation];
  return promptSample(m.tokenizer, unit, {
    id: example.id,
    text: isPromptOnly ? context : context + continuation,
    ids,
  });
}

export async function measureChoices(m: Measurement, unit: ChoiceUnit): Promise<MeasuredUnit> {
  const { encoding, labels, metrics } = unit;
  const place = placeOf(unit);
  const bar = m.watch.progress(`${place.task} ${place.language} ${place.shots}-shot`);
  const options = { ...keeping(m, unit), encoding, compute: m.compute, progress: bar.update };
  const rows = await scoreChoices(m.model, m.tokenizer, unit.examples, options);
  bar.finish();
  return {
    unit,
    rows,
    results: [
      ...withSecondFigures(accuracyRows(place, rows, labels, metrics), unit, rows),
      ...truncationRows(place, rows),
    ],
    checks: [
      ...rowFindings(place, rows),
      ...(encoding.scoring === "continuation" ? normalisationFindings(place, rows) : []),
      ...(await choiceSample(m, unit)),
    ],
  };
}

/** The first prompt as the model reads it. */
async function answerSample(m: Measurement, unit: AnswerUnit): Promise<Finding[]> {
  const { id, prompt } = unit.examples[0]!;
  const added = !m.conversations;
  const { ids } = await m.tokenizer.encode(prompt, { addSpecialTokens: added });
  const kept = ids.slice(0, ids.length - (added ? m.tokenizer.suffixIds.length : 0));
  return promptSample(m.tokenizer, unit, { id, text: prompt, ids: kept });
}

export async function measureAnswers(m: Measurement, unit: AnswerUnit): Promise<MeasuredUnit> {
  const place = placeOf(unit);
  const bar = m.watch.progress(`${place.task} ${place.language} ${place.shots}-shot`);
  const rows = await generateAnswers(m.model, m.tokenizer, unit.examples, {
    ...keeping(m, unit),
    ...{ prompts: place.prompts, rules: unit.rules, addSpecialTokens: !m.conversations, progress: bar.update },
    decoding: unit.decoding,
  });
  bar.finish();
  const prompts = m.settings.prompts as PromptSet;
  const how = { language: unit.answerLanguage, prompts, names: unit.corpusMetrics, sources: unit.sources };
  return {
    unit,
    rows,
    results: [
      ...withSecondFigures(answerRows(place, rows, answerMetrics(unit.rules)), unit, rows),
      ...translationRows(place, rows, how),
      ...truncationRows(place, rows),
    ],
    checks: [...rowFindings(place, rows), ...(await answerSample(m, unit))],
  };
}
