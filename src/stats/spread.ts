/** @throws Error when there is no value */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error("Mean of no values.");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Standard deviation of a sample, with n − 1.
 * @throws Error when there are fewer than two values
 */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) throw new Error(`Standard deviation: expected at least two values, got ${values.length}.`);
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Standard error of a mean, as lm-evaluation-harness gives it beside an accuracy. */
export const standardError = (values: readonly number[]): number => deviation(values) / Math.sqrt(values.length);

/** Standard error of a mean over several samples from theirs: lm-evaluation-harness' `pooled_sample_stderr`. */
export function pooledError(errors: readonly number[], sizes: readonly number[]): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const squares = errors.reduce((sum, error, i) => sum + (sizes[i]! - 1) * error ** 2 * sizes[i]!, 0);
  return Math.sqrt(squares / (total - sizes.length) / total);
}
