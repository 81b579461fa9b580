import { numpyRandom } from "./numpy-random.ts";

/** Items drawn with replacement, draw after draw: `default_rng(seed).choice(n, (draws, n))` in one row. */
export const drawnItems = kept((n, draws, seed) => numpyRandom(seed).integers(n, draws * n));

/** A coin for every item, draw after draw: `default_rng(seed).integers(2, size=(draws, n), dtype=bool)` in one row. */
export const drawnCoins = kept((n, draws, seed) => numpyRandom(seed).flags(draws * n));

/** Many metrics, systems and languages are tested on the same draws, so the last ones are kept. */
function kept<T>(draw: (n: number, draws: number, seed: number) => T): typeof draw {
  let last: { key: string; value: T } | undefined;
  return (n, draws, seed) => {
    const key = `${n} ${draws} ${seed}`;
    if (last?.key !== key) last = { key, value: draw(n, draws, seed) };
    return last.value;
  };
}
