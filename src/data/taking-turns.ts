import { integer, permutation } from "../stats/random.ts";

/** Gives every entry once, in a random order, before any comes again; a pure function of seed and counters. */
export function takingTurns(entries: readonly number[], seed: number, ...counters: number[]): () => number {
  const ownSeed = integer(2 ** 52, seed, ...counters);
  let order: Int32Array = new Int32Array(0);
  let round = 0;
  let next = 0;
  return () => {
    if (next >= order.length) {
      order = permutation(entries.length, ownSeed, round++);
      next = 0;
    }
    return entries[order[next++]!]!;
  };
}
