import { band, centredBand, resampleCounts, resampledMeans } from "../geometry/resample.ts";
import { type Interval, wilson } from "../stats/intervals.ts";
import { permutation } from "../stats/random.ts";
import { scope, type Tensor, tensor } from "../tensor/index.ts";

/** The draws behind every band and every control of one lens: the same for all languages, layers and models. */
export interface Resampling {
  /** sentences */
  n: number;
  /** [N B] */
  counts: Tensor;
  /** ways to pair the sentences at random */
  shuffles: readonly Int32Array[];
}

/** A number with its 95 % band, and what shuffled pairs give where the pairing matters. */
export interface Measure {
  metric: string;
  value: number;
  low?: number;
  high?: number;
  /** mean over shuffled pairs, and 95 % of them */
  shuffled?: number;
  shuffled_low?: number;
  shuffled_high?: number;
}

export const resampling = (n: number, draws: number, seed: number): Resampling => ({
  n,
  counts: resampleCounts(n, draws, seed).retain(),
  shuffles: Array.from({ length: draws }, (_, shuffle) => permutation(n, seed, shuffle)),
});

/** Means over sentences with bootstrap bands; where all sentences agree, the band of a proportion is Wilson's. values: M lists of N */
export function meanBands(values: readonly ArrayLike<number>[], { n, counts }: Resampling): Interval[] {
  const flat = new Float64Array(values.length * n);
  for (const [row, list] of values.entries()) flat.set(Array.from(list), row * n);
  const draws = scope(() => resampledMeans(tensor(flat, { shape: [values.length, n], dtype: "float64" }), counts));
  return draws.map((means, row) => {
    const first = values[row]![0]!;
    const agree = (first === 0 || first === 1) && Array.from(values[row]!).every((value) => value === first);
    return agree ? wilson(first * n, n) : band(means);
  });
}

/** A statistic of pairs of sentences with its band. */
export const formMeasure = (metric: string, value: number, draws: ArrayLike<number>): Measure => ({
  metric,
  value,
  ...centredBand(draws, value),
});

/** What shuffled pairs give for a mean over sentences: `value(i, j)` is that of sentence i with sentence j as its pair. */
export function shuffledMeans(
  shuffles: readonly Int32Array[],
  value: (i: number, j: number) => number,
): Pick<Measure, "shuffled" | "shuffled_low" | "shuffled_high"> {
  const means = shuffles.map((order) => {
    let sum = 0;
    for (let i = 0; i < order.length; i++) sum += value(i, order[i]!);
    return sum / order.length;
  });
  const { low, high } = band(means);
  return { shuffled: means.reduce((a, b) => a + b, 0) / means.length, shuffled_low: low, shuffled_high: high };
}
