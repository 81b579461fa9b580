import { permutation } from "../stats/random.ts";

/** How much goes into a batch: a number of rows, or of tokens with the padding counted (rows × longest row). */
export type BatchBudget = { rows: number } | { tokens: number };

export interface BatchOptions {
  /** tokens of each row */
  lengths: ArrayLike<number>;
  seed: number;
  budget: BatchBudget;
  /** rows of similar length share a batch; default true */
  byLength?: boolean;
}

/** Where a step stands in the data. */
export interface StreamedBatch {
  /** from 0 */
  epoch: number;
  /** of the batch within the epoch, from 0 */
  index: number;
  rows: Int32Array;
}

/** Rows of similar length are looked for among this many batches. */
const batchesPerWindow = 64;

/**
 * The batches of one epoch, each a list of row indices: a pure function of its arguments. Every row occurs once; rows
 * are shuffled, sorted by length within windows of about 64 batches (or not), filled to the budget, and the batches shuffled.
 * @throws Error when a single row is longer than the token budget
 */
export function epochPlan(options: BatchOptions & { epoch: number }): Int32Array[] {
  const { lengths, seed, epoch, budget, byLength = true } = options;
  check(options);
  const order = permutation(lengths.length, seed, epoch);
  const window = windowSize(lengths, budget);
  const batches: Int32Array[] = [];
  for (let start = 0; start < order.length; start += window) {
    const rows = order.slice(start, start + window);
    if (byLength && ("tokens" in budget || rows.length > budget.rows)) sortByLength(rows, lengths);
    batches.push(...filledBatches(rows, lengths, budget));
  }
  // a further counter than the rows' order has, so that the two are independent
  return Array.from(permutation(batches.length, seed, -1 - epoch), (i) => batches[i]!);
}

function check({ lengths, budget }: BatchOptions): void {
  const size = "rows" in budget ? budget.rows : budget.tokens;
  if (!Number.isInteger(size) || size < 1)
    throw new Error(`Batch budget: expected a whole number of at least 1, got ${size}.`);
  if ("rows" in budget) return;
  for (let row = 0; row < lengths.length; row++)
    if (lengths[row]! > budget.tokens)
      throw new Error(
        `Row ${row} has ${lengths[row]} tokens, more than the ${budget.tokens} of a batch. ` +
          "Allow more tokens per batch or truncate the rows to a smaller maximum length.",
      );
}

function windowSize(lengths: ArrayLike<number>, budget: BatchBudget): number {
  if ("rows" in budget) return budget.rows * batchesPerWindow;
  let total = 0;
  for (let i = 0; i < lengths.length; i++) total += lengths[i]!;
  return Math.max(1, Math.round((batchesPerWindow * budget.tokens * lengths.length) / Math.max(1, total)));
}

/** Stable, so that rows of equal length stay in their random order. */
function sortByLength(rows: Int32Array, lengths: ArrayLike<number>): void {
  rows.sort((a, b) => lengths[a]! - lengths[b]!);
}

function* filledBatches(rows: Int32Array, lengths: ArrayLike<number>, budget: BatchBudget): Generator<Int32Array> {
  let start = 0;
  let longest = 0;
  for (let end = 0; end < rows.length; end++) {
    const length = Math.max(longest, lengths[rows[end]!]!);
    const count = end + 1 - start;
    if ("rows" in budget ? count > budget.rows : count > 1 && count * length > budget.tokens) {
      yield rows.slice(start, end);
      start = end;
      longest = lengths[rows[end]!]!;
    } else longest = length;
  }
  if (start < rows.length) yield rows.slice(start);
}

/**
 * The endless sequence of batches over epochs 0, 1, …: resuming needs only the position.
 * @throws Error when there is no row
 */
export function batchStream(options: BatchOptions): { at(position: number): StreamedBatch; firstEpoch: number } {
  if (options.lengths.length === 0) throw new Error("No rows to make batches of.");
  const starts = [0];
  let cached = { epoch: 0, batches: epochPlan({ ...options, epoch: 0 }) };
  const plan = (epoch: number) => {
    if (cached.epoch !== epoch) cached = { epoch, batches: epochPlan({ ...options, epoch }) };
    starts[epoch + 1] = starts[epoch]! + cached.batches.length;
    return cached.batches;
  };
  return {
    /** batches of epoch 0 */
    firstEpoch: cached.batches.length,
    at(position) {
      // the number of batches can differ between epochs, so the starts are found in order, once
      while (starts.at(-1)! <= position) plan(starts.length - 1);
      const epoch = starts.findLastIndex((start) => start <= position);
      const index = position - starts[epoch]!;
      return { epoch, index, rows: plan(epoch)[index]! };
    },
  };
}
