import { drawnCoins, drawnItems } from "../../stats/drawn.ts";
import { type CorpusMetric, exact, type Rounding, single, sums } from "./metric.ts";

export interface ResamplingOptions {
  /** draws of the paired bootstrap and of intervals; sacrebleu's default */
  bootstraps?: number;
  /** trials of approximate randomisation; sacrebleu's default */
  trials?: number;
  seed?: number;
}
export const resamplingDefaults = { bootstraps: 1000, trials: 10_000, seed: 12345 } as const;

/** Mean over resampled corpora and half the width that holds 95 % of them. */
export interface ResampledScore {
  mean: number;
  halfWidth: number;
}

/**
 * A score over segments drawn with replacement, in the 32-bit arithmetic of sacrebleu so that its p-values come out.
 * `rows` are the segments' statistics.
 */
export function resampledScores(
  metric: CorpusMetric,
  rows: readonly (readonly number[])[],
  { bootstraps = resamplingDefaults.bootstraps, seed = resamplingDefaults.seed }: ResamplingOptions = {},
): Float64Array {
  const width = rows[0]!.length;
  const { resampling } = metric;
  const [numbers, rounding] = resampling.sums === "float32" ? [Float32Array, single] : [Float64Array, exact];
  const flat = numbers.from(rows.flat());
  const drawn = drawnItems(rows.length, bootstraps, seed);
  const scores = new Float64Array(bootstraps);
  const total = new numbers(width);
  for (let draw = 0; draw < bootstraps; draw++) {
    total.fill(0);
    for (let i = draw * rows.length; i < (draw + 1) * rows.length; i++) {
      const at = drawn[i]! * width;
      for (let k = 0; k < width; k++) total[k]! += flat[at + k]!;
    }
    scores[draw] = metric.score(total, rounding);
  }
  return scores;
}

/** The mean and the interval that sacrebleu prints behind a score. */
export function resampledScore(metric: CorpusMetric, scores: Float64Array): ResampledScore {
  const sorted = scores.slice().sort();
  const left = Math.floor(sorted.length / 40);
  const round = metric.resampling.scores;
  const width = sorted[sorted.length - left - 1]! - sorted[left]!;
  return { mean: mean(sorted, round), halfWidth: round(0.5 * round(width)) };
}

function mean(values: Float64Array, round: Rounding): number {
  return round(pairwiseSum(values, round) / values.length);
}

/** NumPy's order of addition, which its rounding depends on: eight running sums in blocks of at most 128. */
function pairwiseSum(values: Float64Array, round: Rounding): number {
  const n = values.length;
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return round(pairwiseSum(values.subarray(0, half), round) + pairwiseSum(values.subarray(half), round));
  }
  if (n < 8) return values.reduce((sum, value) => round(sum + value), 0);
  const lanes = Array.from(values.subarray(0, 8));
  const whole = n - (n % 8);
  for (let i = 8; i < whole; i++) lanes[i % 8] = round(lanes[i % 8]! + values[i]!);
  const [a, b, c, d, e, f, g, h] = lanes as [number, number, number, number, number, number, number, number];
  let sum = round(round(round(a + b) + round(c + d)) + round(round(e + f) + round(g + h)));
  for (let i = whole; i < n; i++) sum = round(sum + values[i]!);
  return sum;
}

/**
 * Paired bootstrap (Koehn 2004, as Moses and sacrebleu do it): how often the difference on resampled corpora strays from
 * its mean by more than the observed difference. `baseline` and `system` are `resampledScores` of the same seed.
 */
export function pairedBootstrapP(
  metric: CorpusMetric,
  observed: number,
  baseline: Float64Array,
  system: Float64Array,
): number {
  const round = metric.resampling.scores;
  const differences = system.map((score, i) => Math.abs(round(score - baseline[i]!)));
  const centre = mean(differences, round);
  const beyond = differences.filter((difference) => round(difference - centre) > round(Math.abs(observed))).length;
  return (beyond + 1) / (differences.length + 1);
}

/** Approximate randomisation (Riezler and Maxwell 2005): how often systems of mixed segments differ by more. */
export function randomisationP(
  metric: CorpusMetric,
  baseline: readonly (readonly number[])[],
  system: readonly (readonly number[])[],
  { trials = resamplingDefaults.trials, seed = resamplingDefaults.seed }: ResamplingOptions = {},
): number {
  const n = baseline.length;
  const [first, second] = [sums(baseline), sums(system)];
  const observed = Math.abs(metric.score(first) - metric.score(second));
  const flags = drawnCoins(n, trials, seed);
  const whole = baseline.concat(system).every((row) => row.every(Number.isInteger));
  const mix = whole ? mixByExchange(baseline, system) : mixBySumming(baseline, system);
  let beyond = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [a, b] = mix(flags.subarray(trial * n, (trial + 1) * n));
    if (Math.abs(metric.score(a) - metric.score(b)) > observed) beyond++;
  }
  return (beyond + 1) / (trials + 1);
}

/** Sums of two systems of which the first takes the baseline's segment where the flag is 1, the second where it is 0. */
type Mix = (flags: Uint8Array) => [Float64Array, Float64Array];

/** Whole numbers add up exactly in any order: only what is exchanged is added, and only where the systems differ. */
function mixByExchange(baseline: readonly (readonly number[])[], system: readonly (readonly number[])[]): Mix {
  const [first, second] = [sums(baseline), sums(system)];
  const width = first.length;
  const differences = baseline.map((row, i) => row.map((value, k) => system[i]![k]! - value));
  const differing = [...differences.keys()].filter((i) => differences[i]!.some((value) => value !== 0));
  const flat = Float64Array.from(differing.flatMap((i) => differences[i]!));
  const moved = new Float64Array(width);
  return (flags) => {
    moved.fill(0);
    for (let d = 0; d < differing.length; d++) {
      if (flags[differing[d]!] === 1) continue;
      for (let k = 0, at = d * width; k < width; k++, at++) moved[k]! += flat[at]!;
    }
    return [first.map((value, k) => value + moved[k]!), second.map((value, k) => value - moved[k]!)];
  };
}

/** Fractions, which TER has with several references, are added in the order of the segments, as for the observed score. */
function mixBySumming(baseline: readonly (readonly number[])[], system: readonly (readonly number[])[]): Mix {
  return (flags) => [
    sums(baseline.map((row, i) => (flags[i] === 1 ? row : system[i]!))),
    sums(baseline.map((row, i) => (flags[i] === 1 ? system[i]! : row))),
  ];
}
