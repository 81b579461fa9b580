/** Signatures and conventions are those of this version. */
export const sacrebleuVersion = "2.6.0";

/** How numbers are rounded after every operation: not at all, or to 32 bits as NumPy does in sacrebleu's bootstrap. */
export type Rounding = (value: number) => number;
export const exact: Rounding = (value) => value;
export const single: Rounding = Math.fround;

/** A score of a corpus that follows from sums over its segments, so that a resampled corpus costs one addition each. */
export interface CorpusMetric {
  readonly name: string;
  readonly lowerIsBetter: boolean;
  /** arithmetic of resampled sums and of their scores; sacrebleu's is NumPy's 32 bits, BLEU's logarithm leaves them */
  readonly resampling: { sums: "float32" | "float64"; scores: Rounding };
  /** the score of a segment's statistics or of their sums over a corpus; sacrebleu's run from 0 to 100, TER above */
  score(sums: ArrayLike<number>, rounding?: Rounding): number;
}

/** A metric that compares translations with references. */
export interface TranslationMetric extends CorpusMetric {
  /** its own fields of the signature, in sacrebleu's order */
  readonly signature: readonly (readonly [name: string, value: string | number])[];
  /** sufficient statistics of a segment, in sacrebleu's layout; `references` has at least one */
  statistics(hypothesis: string, references: readonly string[]): number[];
  /** what sacrebleu prints behind the score, such as BLEU's precisions */
  detail?(sums: ArrayLike<number>): string;
}

/** What a significance test adds to a signature. */
export interface Resampling {
  bootstrap?: number;
  randomisation?: number;
  seed?: number;
}

/** The signature as sacrebleu prints it; `references` is the number of references per segment, "var" where it varies. */
export function signature(
  metric: TranslationMetric,
  references: number | "var",
  { bootstrap, randomisation, seed }: Resampling = {},
): string {
  const drawn = [
    ["bs", bootstrap],
    ["ar", randomisation],
    ["seed", seed],
  ] as const;
  const fields = [["nrefs", references], ...drawn, ...metric.signature, ["version", sacrebleuVersion]] as const;
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${value}`])).join("|");
}

/** Segments and their references: `references[r][i]` belongs to `hypotheses[i]`. */
export interface Corpus {
  hypotheses: readonly string[];
  references: readonly (readonly string[])[];
}

/**
 * Statistics of every segment.
 * @throws Error when there is no segment or no reference, or their numbers differ: sacrebleu's library scores the common
 * part of unequal lists without a word
 */
export function segmentStatistics(metric: TranslationMetric, { hypotheses, references }: Corpus): number[][] {
  checkCorpus({ hypotheses, references });
  return hypotheses.map((hypothesis, i) =>
    metric.statistics(
      hypothesis,
      references.map((lines) => lines[i]!),
    ),
  );
}

export function checkCorpus({ hypotheses, references }: Corpus): void {
  if (hypotheses.length === 0) throw new Error("Translation metrics: expected at least one segment, got none.");
  if (references.length === 0) throw new Error("Translation metrics: expected at least one reference, got none.");
  references.forEach((lines, r) => {
    if (lines.length !== hypotheses.length)
      throw new Error(
        `Translation metrics: expected one reference per hypothesis, got ${hypotheses.length} hypotheses and ` +
          `${lines.length} references${references.length > 1 ? ` in list ${r + 1}` : ""}.`,
      );
  });
}

/** Sums of the columns. */
export function sums(rows: readonly (readonly number[])[]): Float64Array {
  const total = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let i = 0; i < total.length; i++) total[i]! += row[i]!;
  return total;
}
