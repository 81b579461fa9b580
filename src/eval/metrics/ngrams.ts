/** How often each n-gram occurs. */
export type Counts = Map<string, number>;

/** The n-grams of a list of words, words joined by one space: none of them contains one. */
export function wordNgrams(words: readonly string[], n: number): Counts {
  const counts: Counts = new Map();
  for (let end = n; end <= words.length; end++) add(counts, words.slice(end - n, end).join(" "));
  return counts;
}

const astral = /[\ud800-\udfff]/;

/** The n-grams of a text's code points. */
export function characterNgrams(text: string, n: number): Counts {
  const counts: Counts = new Map();
  if (astral.test(text)) {
    const points = [...text];
    for (let end = n; end <= points.length; end++) add(counts, points.slice(end - n, end).join(""));
  } else for (let end = n; end <= text.length; end++) add(counts, text.slice(end - n, end));
  return counts;
}

function add(counts: Counts, ngram: string): void {
  counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
}

export function total(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** How many n-grams two texts share, each as often as it occurs in both. */
export function overlap(a: Counts, b: Counts): number {
  let shared = 0;
  for (const [ngram, count] of a) shared += Math.min(count, b.get(ngram) ?? 0);
  return shared;
}
