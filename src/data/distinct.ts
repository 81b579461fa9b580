/** The first of those with the same key, in order. */
export function distinct<T>(list: readonly T[], key: (entry: T) => string): T[] {
  const seen = new Set<string>();
  return list.filter((entry) => {
    const before = seen.size;
    return seen.add(key(entry)).size > before;
  });
}
