/** Tells which of a fixed set of languages a text looks most like. */
export interface LanguageDetector {
  readonly languages: readonly string[];
  /**
   * The most likely language, or undefined for a text without letters. `without` is a line that is left out of the
   * counts where it is among that language's samples, so that a text is not recognised by itself.
   */
  nearest(text: string, without?: { language: string; line: string }): string | undefined;
}

const longest = 4;
/** n-grams share this many counters per language; collisions cost less than the memory of a dictionary */
const buckets = 2 ** 17;
/** added to every count */
const smoothing = 0.5;

/**
 * Naive Bayes over the n-grams of 1 to 4 characters of sample lines, every language equally likely beforehand. It knows
 * no language but those it is given: a text in another one comes out as whichever is nearest.
 * @throws Error when there are fewer than two languages
 */
export function languageDetector(samples: ReadonlyMap<string, readonly string[]>): LanguageDetector {
  const languages = [...samples.keys()];
  if (languages.length < 2)
    throw new Error(`Language identification: expected samples of at least two languages, got ${languages.length}.`);
  const lines = new Map(languages.map((language) => [language, new Set(samples.get(language))]));
  const counts = languages.map((language) => countsOf(samples.get(language)!));
  const totals = counts.map((own) => own.reduce((sum, count) => sum + count, 0));
  return {
    languages,
    nearest(text, without) {
      const features = ngrams(text);
      if (features.length === 0) return undefined;
      const isSample = without && lines.get(without.language)?.has(without.line);
      const left = isSample ? { at: languages.indexOf(without.language), ngrams: ngrams(without.line) } : undefined;
      const scores = languages.map((_, i) => {
        const [own, total] = [counts[i]!, totals[i]!];
        if (left?.at === i) for (const bucket of left.ngrams) own[bucket]! -= 1;
        const below = Math.log(total - (left?.at === i ? left.ngrams.length : 0) + smoothing * buckets);
        const score = features.reduce((sum, bucket) => sum + Math.log(own[bucket]! + smoothing) - below, 0);
        if (left?.at === i) for (const bucket of left.ngrams) own[bucket]! += 1;
        return score;
      });
      return languages[scores.indexOf(Math.max(...scores))];
    },
  };
}

function countsOf(lines: readonly string[]): Float32Array {
  const counts = new Float32Array(buckets);
  for (const line of lines) for (const bucket of ngrams(line)) counts[bucket]! += 1;
  return counts;
}

/** Counters of the n-grams of a text's words; case, digits and punctuation say little about a language and do not count. */
function ngrams(text: string): number[] {
  const found: number[] = [];
  const plain = text.normalize("NFC").toLowerCase();
  for (const [word] of plain.matchAll(/[\p{L}\p{M}]+/gu)) {
    const padded = ` ${word} `;
    for (let start = 0; start < padded.length; start++) {
      let hash = 0x811c9dc5;
      for (let n = 1; n <= longest && start + n <= padded.length; n++) {
        hash = Math.imul(hash ^ padded.charCodeAt(start + n - 1), 0x01000193);
        if (n > 1 || (start > 0 && start < padded.length - 1)) found.push((hash ^ (hash >>> 15)) & (buckets - 1));
      }
    }
  }
  return found;
}
