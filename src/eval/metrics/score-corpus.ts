import { pairedT } from "../../stats/student.ts";
import { externalMetric, externalStatistics } from "./external-scores.ts";
import {
  type Corpus,
  type CorpusMetric,
  segmentStatistics,
  signature,
  sums,
  type TranslationMetric,
} from "./metric.ts";
import {
  pairedBootstrapP,
  type ResamplingOptions,
  randomisationP,
  resampledScore,
  resampledScores,
  resamplingDefaults,
} from "./significance.ts";

/** A score with the mean and the 95 % half width that sacrebleu's `--confidence` prints. */
export interface ScoredSystem {
  score: number;
  mean: number;
  ci: number;
  /** what sacrebleu prints behind the score */
  verbose_score?: string;
}

export interface SystemScore extends ScoredSystem {
  name: string;
  lower_is_better: boolean;
  /** sacrebleu's; absent for scores that another program has computed */
  signature?: string;
  /** the baseline's own score, and how sure it is that the two differ */
  baseline?: ScoredSystem;
  difference?: number;
  paired_bootstrap?: TestResult;
  approximate_randomisation?: TestResult;
  /** paired t-test over segments, two-sided; for external scores, which are means */
  paired_t?: { p: number };
}

export interface TestResult {
  p: number;
  samples: number;
  seed: number;
  signature?: string;
}

export interface ScoringInput extends Corpus {
  /** hypotheses of the system to compare with */
  baseline?: readonly string[];
}

/** Scores of a system by several metrics, and against a baseline where one is given. */
export function scoreCorpus(
  { hypotheses, references, baseline }: ScoringInput,
  metrics: readonly TranslationMetric[],
  options: ResamplingOptions = {},
): SystemScore[] {
  return metrics.map((metric) => {
    const rows = segmentStatistics(metric, { hypotheses, references });
    const other = baseline && segmentStatistics(metric, { hypotheses: baseline, references });
    const sign = (drawn = {}) => signature(metric, references.length, drawn);
    return systemScore(metric, rows, other, options, sign);
  });
}

/** Scores that another program gave to every segment, tested in the same way. */
export function scoreExternal(
  name: string,
  scores: readonly number[],
  baseline: readonly number[] | undefined,
  options: ResamplingOptions = {},
): SystemScore {
  const other = baseline && externalStatistics(baseline);
  const result = systemScore(externalMetric(name), externalStatistics(scores), other, options);
  return baseline ? { ...result, paired_t: { p: pairedT(scores, baseline).p } } : result;
}

function systemScore(
  metric: CorpusMetric & Partial<TranslationMetric>,
  rows: readonly number[][],
  baseline: readonly number[][] | undefined,
  options: ResamplingOptions,
  sign?: (drawn?: Parameters<typeof signature>[2]) => string,
): SystemScore {
  const { bootstraps: samples, trials, seed } = { ...resamplingDefaults, ...options };
  const own = measured(metric, rows, options);
  const result: SystemScore = {
    name: metric.name,
    ...own.scored,
    lower_is_better: metric.lowerIsBetter,
    ...(sign && { signature: sign() }),
  };
  if (!baseline) return result;
  const other = measured(metric, baseline, options);
  const difference = own.scored.score - other.scored.score;
  // counting only larger differences, sacrebleu finds a system surely different from itself
  const same = rows.every((row, i) => row.every((value, k) => value === baseline[i]![k]));
  const bootstrapped = {
    p: same ? 1 : pairedBootstrapP(metric, difference, other.drawn, own.drawn),
    samples,
    seed,
    ...(sign && { signature: sign({ bootstrap: samples, seed }) }),
  };
  const randomised = {
    p: same ? 1 : randomisationP(metric, baseline, rows, options),
    samples: trials,
    seed,
    ...(sign && { signature: sign({ randomisation: trials, seed }) }),
  };
  return {
    ...result,
    baseline: other.scored,
    difference,
    paired_bootstrap: bootstrapped,
    approximate_randomisation: randomised,
  };
}

function measured(
  metric: CorpusMetric & Partial<TranslationMetric>,
  rows: readonly number[][],
  options: ResamplingOptions,
): { scored: ScoredSystem; drawn: Float64Array } {
  const drawn = resampledScores(metric, rows, options);
  const { mean, halfWidth } = resampledScore(metric, drawn);
  const total = sums(rows);
  const score = metric.score(total);
  const verbose = metric.detail?.(total);
  return { scored: { score, mean, ci: halfWidth, ...(verbose !== undefined && { verbose_score: verbose }) }, drawn };
}

/** The scores of every segment by itself, by the metrics' names. */
export function* scoreSegments(
  corpus: Corpus,
  metrics: readonly TranslationMetric[],
): Generator<Record<string, number>> {
  const rows = metrics.map((metric) => segmentStatistics(metric, corpus));
  for (const i of corpus.hypotheses.keys())
    yield Object.fromEntries(metrics.map((metric, m) => [metric.name, metric.score(rows[m]![i]!)]));
}
