/** A stream of random 32-bit words. */
export interface MersenneTwister {
  /** 32 random bits */
  word(): number;
  /** a number in [0, 1) with 53 random bits, from two words */
  random(): number;
}

const size = 624;
const middle = 397;

/**
 * MT19937 started from an array of 32-bit words.
 * Source: Matsumoto and Nishimura, "Mersenne Twister" (1998), `init_by_array` of the 2002 version.
 */
export function mersenneTwister(key: readonly number[]): MersenneTwister {
  const state = stateFrom(key);
  let at = size;
  const word = (): number => {
    if (at >= size) {
      twist(state);
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return {
    word,
    random() {
      const high = word() >>> 5;
      return (high * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
    },
  };
}

function stateFrom(key: readonly number[]): Uint32Array {
  const state = new Uint32Array(size);
  state[0] = 19650218;
  for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, mixed(state, i)) + i;
  let i = 1;
  const next = (): void => {
    if (++i < size) return;
    state[0] = state[size - 1]!;
    i = 1;
  };
  for (let step = 0; step < Math.max(size, key.length); step++) {
    const j = step % key.length;
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1664525)) + key[j]! + j;
    next();
  }
  for (let step = 0; step < size - 1; step++) {
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1566083941)) - i;
    next();
  }
  state[0] = 0x80000000;
  return state;
}

/** The word before place i, its upper bits folded into the lower ones. */
const mixed = (state: Uint32Array, i: number): number => state[i - 1]! ^ (state[i - 1]! >>> 30);

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
    state[i] = state[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
