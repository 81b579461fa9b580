/** Material that no row, or not every kind of row, could be made of. */
export interface LeftOut {
  /** code, two joined by "-", or "all" */
  language: string;
  reason: string;
  count: number;
}

export interface Tally {
  count(language: string, reason: string, by?: number): void;
  /** what was counted at least once, in the order of its first mention */
  list(): LeftOut[];
}

/** Counts what is left out, so that nothing is lost in silence. */
export function tally(): Tally {
  const counts = new Map<string, LeftOut>();
  return {
    count(language, reason, by = 1) {
      const key = `${language} ${reason}`;
      const entry = counts.get(key) ?? { language, reason, count: 0 };
      entry.count += by;
      counts.set(key, entry);
    },
    list: () => [...counts.values()].filter(({ count }) => count > 0),
  };
}
