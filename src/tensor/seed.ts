import { addon } from "./addon.ts";

const mask = (1n << 64n) - 1n;

/** SplitMix64's finalizer (Steele, Lea & Flood 2014): every input bit changes half of the output bits. */
function mix(value: bigint): bigint {
  let z = (value + 0x9e3779b97f4a7c15n) & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

/** A 64-bit seed for one place of a run, such as (seed, step, micro-step, block): equal counters, equal numbers. */
export function deriveSeed(...counters: readonly (number | bigint)[]): bigint {
  return counters.reduce<bigint>((state, counter) => mix(state ^ mix(BigInt(counter))), 0n);
}

/** Seeds libtorch's generator of every device. */
export function manualSeed(seed: bigint | number): void {
  addon().manualSeed(BigInt.asUintN(64, BigInt(seed)));
}
