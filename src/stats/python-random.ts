import { createHash } from "node:crypto";
import { mersenneTwister } from "./mersenne-twister.ts";

/** CPython's `random.Random`: the same calls in the same order give the same values. Names and meanings are Python's. */
export interface PythonRandom {
  /** a number in [0, 1) with 53 random bits */
  random(): number;
  /** a whole number of `bits` random bits, at least 1 */
  getrandbits(bits: number): bigint;
  /** a whole number in [low, high]; both and their distance below 2⁵³ */
  randint(low: number, high: number): number;
  randrange(start: number, stop: number, step?: number): number;
  /** Fisher–Yates in place, from the end */
  shuffle(list: unknown[]): void;
  /** `count` different places of the list, in random order */
  sample<T>(list: readonly T[], count: number): T[];
  choice<T>(list: readonly T[]): T;
  /** `count` draws with replacement */
  choices<T>(
    list: readonly T[],
    options?: { weights?: readonly number[]; cumulative?: readonly number[]; count?: number },
  ): T[];
  uniform(low: number, high: number): number;
  /** normal, two at a time (Box–Muller): every second call uses what the one before kept */
  gauss(mean: number, deviation: number): number;
  /** normal (Kinderman–Monahan) */
  normalvariate(mean: number, deviation: number): number;
}

/**
 * @param seed any whole number (its sign does not count) or a text, as `random.seed(seed)` of Python 3.2 and later
 * @throws Error on a number that is not whole or not exact
 */
export function pythonRandom(seed: number | bigint | string): PythonRandom {
  const { word, random } = mersenneTwister(keyOf(seed));
  /** a whole number in [0, n): draws of as many bits as n has, until one is below */
  const below = (n: number): number => {
    if (!Number.isSafeInteger(n) || n < 1) throw new Error(`Random whole numbers: the range has ${n} values.`);
    const bits = bitLength(n);
    for (;;) {
      const value = bits <= 32 ? word() >>> (32 - bits) : word() + (word() >>> (64 - bits)) * 2 ** 32;
      if (value < n) return value;
    }
  };
  return {
    random,
    getrandbits: (bits) => randomBits(word, bits),
    randint: (low, high) => low + below(high - low + 1),
    randrange: (start, stop, step = 1) => start + step * below(Math.ceil((stop - start) / step)),
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [list[i], list[j]] = [list[j], list[i]];
      }
    },
    sample: (list, count) => sample(below, list, count),
    choice: (list) => list[below(list.length)]!,
    choices: (list, options) => choices(random, list, options),
    uniform: (low, high) => low + (high - low) * random(),
    gauss: gauss(random),
    normalvariate: (mean, deviation) => mean + deviation * kindermanMonahan(random),
  };
}

const bitLength = (n: number): number => (n < 2 ** 32 ? 32 - Math.clz32(n) : 64 - Math.clz32(Math.floor(n / 2 ** 32)));

/** The words of a seed, lowest first; of a text, its bytes with their SHA-512 behind them, as one big-endian number. */
function keyOf(seed: number | bigint | string): number[] {
  if (typeof seed === "number" && !Number.isSafeInteger(seed))
    throw new Error(
      `Random numbers as Python's: expected a whole number below 2⁵³ or a bigint as the seed, got ${seed}.`,
    );
  let rest: bigint;
  if (typeof seed === "string") {
    const bytes = Buffer.from(seed, "utf8");
    rest = BigInt(`0x${bytes.toString("hex")}${createHash("sha512").update(bytes).digest("hex")}`);
  } else rest = BigInt(seed);
  if (rest < 0n) rest = -rest;
  const words: number[] = [];
  for (; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length > 0 ? words : [0];
}

function randomBits(word: () => number, bits: number): bigint {
  if (!Number.isInteger(bits) || bits < 1)
    throw new Error(`Random bits: expected a number of at least 1, got ${bits}.`);
  let value = 0n;
  for (let done = 0; done < bits; done += 32) {
    const wanted = Math.min(32, bits - done);
    value |= BigInt(word() >>> (32 - wanted)) << BigInt(done);
  }
  return value;
}

/** From a copy where that is smaller than a set of the places already drawn would be, else by drawing until one is new. */
function sample<T>(below: (n: number) => number, list: readonly T[], count: number): T[] {
  const n = list.length;
  if (!(count >= 0 && count <= n)) throw new Error(`A sample of ${count} from ${n}: expected a number from 0 to ${n}.`);
  const setSize = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
  const drawn: T[] = [];
  if (n <= setSize) {
    const pool = [...list];
    for (let left = n; drawn.length < count; left--) {
      const j = below(left);
      drawn.push(pool[j]!);
      pool[j] = pool[left - 1]!;
    }
    return drawn;
  }
  const taken = new Set<number>();
  while (drawn.length < count) {
    let j = below(n);
    while (taken.has(j)) j = below(n);
    taken.add(j);
    drawn.push(list[j]!);
  }
  return drawn;
}

function choices<T>(
  random: () => number,
  list: readonly T[],
  {
    weights,
    cumulative,
    count = 1,
  }: { weights?: readonly number[]; cumulative?: readonly number[]; count?: number } = {},
): T[] {
  let sum = 0;
  const sums = cumulative ?? weights?.map((weight) => (sum += weight));
  const draw = (): T => {
    if (!sums) return list[Math.floor(random() * list.length)]!;
    const value = random() * sums.at(-1)!;
    // the first whose sum is above the value; the last one takes what rounding leaves
    const found = sums.slice(0, -1).findIndex((upTo) => upTo > value);
    return list[found < 0 ? list.length - 1 : found]!;
  };
  return Array.from({ length: count }, draw);
}

function gauss(random: () => number): (mean: number, deviation: number) => number {
  let kept: number | undefined;
  return (mean, deviation) => {
    let z = kept;
    kept = undefined;
    if (z === undefined) {
      const angle = random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      z = Math.cos(angle) * radius;
      kept = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  };
}

const magic = (4 * Math.exp(-0.5)) / Math.sqrt(2);

function kindermanMonahan(random: () => number): number {
  for (;;) {
    const first = random();
    const second = 1 - random();
    const z = (magic * (first - 0.5)) / second;
    if ((z * z) / 4 <= -Math.log(second)) return z;
  }
}
