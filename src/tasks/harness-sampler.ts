import { pythonRandom } from "../stats/python-random.ts";

export interface SamplerOptions {
  task: string;
  shots: number;
  seed: number;
  sampler: "random" | "first_n";
  /** whether an item is never its own demonstration */
  excludesItself: boolean;
}

/** What makes two items the same; the id is not in every file. */
interface Sampled {
  fields: Readonly<Record<string, string>>;
  label?: number;
  answers?: readonly string[];
}

const same = (a: Sampled, b: Sampled): boolean =>
  a.label === b.label && JSON.stringify([a.fields, a.answers]) === JSON.stringify([b.fields, b.answers]);

/** The first items of a pool that are not the one; a pool can have hundreds of thousands. */
function firstOthers<Row extends Sampled>(pool: readonly Row[], row: Row, count: number): Row[] {
  const found: Row[] = [];
  for (let i = 0; i < pool.length && found.length < count; i++) if (!same(pool[i]!, row)) found.push(pool[i]!);
  return found;
}

/**
 * The demonstrations of one item after the other: one generator runs over all items, so the order of the calls counts.
 * Source: `ContextSampler` and `FirstNSampler` of lm_eval 0.4.13 (its seed is 1234 unless told).
 * @throws Error when the pool is too small
 */
export function harnessSampler<Row extends Sampled>(
  pool: readonly Row[],
  { task, shots, seed, sampler, excludesItself }: SamplerOptions,
): (row: Row) => Row[] {
  const needed = shots + (excludesItself ? 1 : 0);
  if (pool.length < needed)
    throw new Error(`${task}: ${shots} demonstrations need ${needed} items, the pool has ${pool.length}.`);
  const random = pythonRandom(seed);
  const others = (rows: readonly Row[], row: Row) => rows.filter((other) => !same(other, row));
  if (sampler === "first_n") return (row) => (excludesItself ? firstOthers(pool, row, shots) : pool.slice(0, shots));
  return (row) => {
    if (!excludesItself) return random.sample(pool, shots);
    const drawn = others(random.sample(pool, shots + 1), row).slice(0, shots);
    // duplicates of the item can have been drawn, too
    return drawn.length === shots ? drawn : random.sample(others(pool, row), shots);
  };
}
