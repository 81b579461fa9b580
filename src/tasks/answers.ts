/** ASCII punctuation, as Python's string.punctuation. */
const asciiPunctuation = /[!-/:-@[-`{-~]/g;

/** Whether two answers are the same but for case and ASCII punctuation: lm-evaluation-harness' exact_match with both ignored. */
export function exactMatch(answer: string, target: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(asciiPunctuation, "");
  return plain(answer) === plain(target);
}

/** What lm-evaluation-harness gives where nothing matches. */
export const invalid = "[invalid]";

/**
 * The last number in a text as it is written. Source: filter `flexible-extract` of lm_eval 0.4.13, whose character class counts `$`, `.`
 * and `,` as parts of a number.
 */
export function lastNumber(text: string): string {
  const last = [...text.matchAll(/(-?[$0-9.,]{2,})|(-?[0-9]+)/g)].at(-1);
  return last?.[0].trim() ?? invalid;
}

/** Whether two texts write the same number, whatever their separators of thousands, currency sign and trailing point. */
export function sameNumber(answer: string, target: string): boolean {
  const value = (text: string) => Number(text.replace(/[$,\s]/g, "").replace(/\.$/, "") || Number.NaN);
  return value(answer) === value(target);
}

/** How SQuAD's words are made: lower case, without punctuation and articles. */
export interface WordRules {
  punctuation: RegExp;
  /** whether English articles are dropped */
  articles: boolean;
  /** whether every character is a word, as in text without spaces */
  characters: boolean;
}

/** SQuAD's own rules, as lm-evaluation-harness applies them to every language. */
export const squadRules: WordRules = { punctuation: asciiPunctuation, articles: true, characters: false };

function words(text: string, { punctuation, articles, characters }: WordRules): string[] {
  const bare = text.toLowerCase().replace(punctuation, "");
  const kept = articles ? bare.replace(/(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])/gu, " ") : bare;
  return kept
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => (characters ? [...word] : [word]));
}

/** SQuAD's exact match. Source: transformers' squad_metrics.compute_exact. */
export const sameWords = (answer: string, target: string, rules: WordRules): boolean =>
  words(answer, rules).join(" ") === words(target, rules).join(" ");

/** F1 over the bags of words, 0–1. Source: transformers' squad_metrics.compute_f1. */
export function wordF1(answer: string, target: string, rules: WordRules): number {
  const [given, wanted] = [words(answer, rules), words(target, rules)];
  if (given.length === 0 || wanted.length === 0) return given.length === wanted.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count > 0) common++;
    left.set(word, count - 1);
  }
  if (common === 0) return 0;
  const [precision, recall] = [common / given.length, common / wanted.length];
  return (2 * precision * recall) / (precision + recall);
}
