/** The random numbers of NumPy's `default_rng(seed)`: PCG64 (O'Neill 2014) seeded by SeedSequence. */
export interface NumpyRandom {
  /** 64 random bits */
  bits(): bigint;
  /** a number in [0, 1) with 53 random bits: `random()` */
  uniform(): number;
  /** `count` whole numbers in [0, below): `integers(0, below, count)`, which is `choice(below, count)` too */
  integers(below: number, count: number): Uint32Array;
  /** `count` times 0 or 1: `integers(2, size=count, dtype=bool)` */
  flags(count: number): Uint8Array;
}

/**
 * @param seed a whole number from 0 to 2⁵³
 * @throws Error on any other seed
 */
export function numpyRandom(seed: number): NumpyRandom {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`Random numbers as NumPy's: expected a whole number from 0 as the seed, got ${seed}.`);
  const bits = pcg64(seed);
  let kept: number | undefined;
  // each 64 bits give two words, the lower one first
  const word = (): number => {
    if (kept !== undefined) {
      const high = kept;
      kept = undefined;
      return high;
    }
    const both = bits();
    kept = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  };
  return {
    bits,
    uniform: () => Number(bits() >> 11n) / 2 ** 53,
    integers: (below, count) => boundedIntegers(word, below, count),
    flags(count) {
      const drawn = new Uint8Array(count);
      let buffer = 0;
      for (let i = 0; i < count; i++) {
        buffer = i % 32 === 0 ? word() : buffer >>> 1;
        drawn[i] = buffer & 1;
      }
      return drawn;
    },
  };
}

/** Lemire's method (2019): a multiplication, and a second draw only where that would favour some numbers. */
function boundedIntegers(word: () => number, below: number, count: number): Uint32Array {
  if (!Number.isInteger(below) || below < 1 || below >= 2 ** 32)
    throw new Error(`Random whole numbers: expected a bound from 1 to 2³² − 1, got ${below}.`);
  const drawn = new Uint32Array(count);
  if (below === 1) return drawn; // one possible value takes no random bits
  const threshold = 2 ** 32 % below;
  for (let i = 0; i < count; i++) {
    let random = word();
    // the lower 32 bits of the product, which itself may exceed 2⁵³
    while (Math.imul(random, below) >>> 0 < threshold) random = word();
    drawn[i] = highWord(random, below);
  }
  return drawn;
}

/** The upper 32 bits of the product of two 32-bit words. */
function highWord(a: number, b: number): number {
  const [upper, lower] = [Math.floor(a / 65536), a % 65536];
  return Math.floor((upper * b + Math.floor((lower * b) / 65536)) / 65536);
}

const multiplier = 0x2360ed051fc65da44385df649fccf645n;

/** PCG XSL-RR 128/64. */
function pcg64(seed: number): () => bigint {
  const [stateHigh, stateLow, streamHigh, streamLow] = seedWords(seed);
  const increment = BigInt.asUintN(128, (((streamHigh! << 64n) | streamLow!) << 1n) | 1n);
  const step = (state: bigint) => BigInt.asUintN(128, state * multiplier + increment);
  let state = step(step(0n) + ((stateHigh! << 64n) | stateLow!));
  return () => {
    state = step(state);
    const folded = BigInt.asUintN(64, (state >> 64n) ^ state);
    const rotation = state >> 122n;
    return BigInt.asUintN(64, (folded >> rotation) | (folded << (64n - rotation)));
  };
}

/** SeedSequence(seed).generate_state(4, uint64). */
function seedWords(seed: number): bigint[] {
  const entropy = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to]!, hash(pool[from]!));
  const spread = hasher(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 8 }, (_, i) => BigInt(spread(pool[i % 4]!)));
  return [0, 2, 4, 6].map((i) => words[i]! | (words[i + 1]! << 32n));
}

/** Each call hashes a word with the next constant of a sequence. */
function hasher(initial: number, factor: number): (word: number) => number {
  let constant = initial;
  return (word) => {
    const mixed = word ^ constant;
    constant = Math.imul(constant, factor);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

function mix(a: number, b: number): number {
  const mixed = Math.imul(0xca01f9dd, a) - Math.imul(0x4973f715, b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
