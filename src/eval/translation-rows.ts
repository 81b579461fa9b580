import type { ResultRow } from "../run/records.ts";
import { bootstrapRatio } from "../stats/bootstrap.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import { findLanguage } from "../text/languages.ts";
import type { ResultPlace } from "./accuracy.ts";
import type { AnswerRow } from "./answers.ts";
import { bleu } from "./metrics/bleu.ts";
import { chrf } from "./metrics/chrf.ts";
import { languageDetector } from "./metrics/language-id.ts";
import type { TranslationMetric } from "./metrics/metric.ts";
import { type Rate, type TranslationRates, translationRates } from "./metrics/rates.ts";
import { scoreCorpus } from "./metrics/score-corpus.ts";
import { ter } from "./metrics/ter.ts";
import { tokenizerFor } from "./metrics/tokenizers.ts";
import { withoutSpaces } from "./metrics/words.ts";

/** Corpus metrics by the names that tasks and results have for them. */
const metrics: Readonly<Record<string, (language: string) => TranslationMetric>> = {
  bleu: (language) => bleu({ tokenizer: tokenizerFor(language) }),
  chrf: () => chrf(),
  "chrf++": () => chrf({ wordOrder: 2 }),
  ter: () => ter(),
};

/** lm-evaluation-harness scores every language with sacrebleu's defaults. */
const harnessMetrics: typeof metrics = { bleu: () => bleu(), chrf: () => chrf(), ter: () => ter() };

export interface TranslationSources {
  /** code of the answers' language */
  language: string;
  prompts: PromptSet;
  names: readonly string[];
  /** what was translated, where it is known; by it copies and answers in the source's language are found */
  sources?: readonly string[] | undefined;
}

/** Fewer lines than this say too little about their languages. */
const fewestSamples = 50;

const rateRow = (place: ResultPlace, metric: string, { value, n, low, high }: Rate, more = {}): ResultRow => ({
  ...place,
  metric,
  ...{ value, n, low, high },
  ...more,
});

function rateRows(place: ResultPlace, rates: TranslationRates): ResultRow[] {
  const { empty, copy, off_target_script: script, off_target_language: other } = rates;
  const floor = ({ references }: { references: number }) => ({ references });
  return [
    rateRow(place, "empty", empty),
    ...(copy ? [rateRow(place, "copy", copy)] : []),
    ...(script ? [rateRow(place, "off_target_script", script, floor(script))] : []),
    ...(other ? [rateRow(place, "off_target", other, { ...floor(other), nearest: other.nearest })] : []),
  ];
}

/** Characters of all answers by those of their references, with the interval over resampled answers. */
function lengthRow(place: ResultPlace, hypotheses: readonly string[], references: readonly string[][]): ResultRow[] {
  const characters = (line: string) => [...withoutSpaces(line)].length;
  const own = hypotheses.map(characters);
  const wanted = hypotheses.map(
    (_, i) => references.reduce((sum, lines) => sum + characters(lines[i]!), 0) / references.length,
  );
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  if (total(wanted) === 0) return [];
  const figure = { value: total(own) / total(wanted), n: own.length, ...bootstrapRatio(own, wanted) };
  return [{ ...place, metric: "length_ratio", ...figure }];
}

/** The references that every answer has; lm-evaluation-harness takes the first only, as its tasks have no more. */
function referencesOf(targets: readonly (readonly string[])[], prompts: PromptSet): string[][] {
  const count = prompts === "harness" ? 1 : Math.min(...targets.map(({ length }) => length));
  return Array.from({ length: count }, (_, r) => targets.map((own) => own[r]!));
}

/**
 * Figures of all answers together: BLEU, chrF and TER (0–100, the interval by resampled segments as sacrebleu's), shares of
 * answers that are empty, copies, in another script or language, and how long they are. None without references.
 */
export function translationRows(place: ResultPlace, rows: readonly AnswerRow[], how: TranslationSources): ResultRow[] {
  const kept = rows.flatMap((row, i) => (row.error === undefined ? [{ row, source: how.sources?.[i] }] : []));
  if (kept.length === 0 || how.names.length === 0) return [];
  const hypotheses = kept.map(({ row }) => row.answer);
  const references = referencesOf(
    kept.map(({ row }) => row.targets),
    how.prompts,
  );
  if (references.length === 0) return [];
  const named = how.prompts === "harness" ? harnessMetrics : metrics;
  const asked = how.names.filter((name) => named[name] !== undefined);
  const scores = scoreCorpus(
    { hypotheses, references },
    asked.map((name) => named[name]!(how.language)),
  ).map(({ score, mean, ci, signature }, i): ResultRow => {
    const figure = { value: score, n: kept.length, low: Math.max(0, mean - ci), high: mean + ci };
    return { ...place, metric: asked[i]!, ...figure, ...(signature && { signature }) };
  });
  const sources = kept.map(({ source }) => source ?? "");
  const isKnown = how.sources !== undefined;
  const script = findLanguage(how.language)?.script;
  const samples = new Map([
    [how.language, references[0]!],
    ["source", sources],
  ]);
  const detector = isKnown && kept.length >= fewestSamples ? languageDetector(samples) : undefined;
  const rates = translationRates({
    hypotheses,
    references,
    ...(isKnown && { sources }),
    ...(script && { script }),
    ...(detector && { detector: { detector, target: how.language } }),
  });
  return [...scores, ...rateRows(place, rates), ...lengthRow(place, hypotheses, references)];
}
