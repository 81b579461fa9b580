/** Two 32-bit words: a key, a counter or 64 random bits. */
type Words = [high: number, low: number];

/**
 * One block of Threefry-2x32 with 20 rounds: 64 random bits as a pure function of a key and a counter.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
export function threefry([k0, k1]: Words, [c0, c1]: Words): Words {
  const keys = [k0, k1, 0x1bd11bda ^ k0 ^ k1];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let group = 0; group < 5; group++) {
    const rotations = group % 2 === 0 ? evenRotations : oddRotations;
    for (let i = 0; i < 4; i++) {
      const by = rotations[i]!;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]!) | 0;
    x1 = (x1 + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
const evenRotations = [13, 15, 26, 6];
const oddRotations = [17, 29, 16, 24];

/** A number in [0, 1) with 53 random bits: a pure function of the seed and the counters, all whole numbers. */
export function uniform(seed: number, ...counters: number[]): number {
  return fraction(derive(seed, counters));
}

/** A whole number in [0, below). */
export function integer(below: number, seed: number, ...counters: number[]): number {
  return Math.floor(fraction(derive(seed, counters)) * below);
}

/** A random order of 0 … n − 1 for each seed and epoch (Fisher–Yates). */
export function permutation(n: number, seed: number, epoch = 0): Int32Array {
  const key = derive(seed, [epoch]);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(fraction(threefry(key, [0, i])) * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

function derive(seed: number, counters: readonly number[]): Words {
  let key = words(seed);
  for (const counter of counters) key = threefry(key, words(counter));
  return threefry(key, [0x9e3779b9, counters.length]);
}

const words = (value: number): Words => [Math.floor(value / 2 ** 32) >>> 0, value >>> 0];
const fraction = ([high, low]: Words): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
