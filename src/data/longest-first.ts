/**
 * Groups row indices into batches of at most `budget` padded tokens, the longest rows first, so that running out of
 * memory happens at once or never.
 */
export function longestFirst(lengths: readonly number[], budget: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: number[][] = [];
  for (const row of order) {
    const open = batches.at(-1);
    if (open !== undefined && (open.length + 1) * lengths[open[0]!]! <= budget) open.push(row);
    else batches.push([row]);
  }
  return batches;
}
