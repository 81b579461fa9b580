/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) result[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/** How many values are equal, for each value that occurs more than once. */
export function ties(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  // a negative zero equals zero
  for (const value of values) counts.set(value + 0, (counts.get(value + 0) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}
