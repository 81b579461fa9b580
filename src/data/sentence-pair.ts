/** A sentence and its translation. */
export interface SentencePair {
  a: string;
  b: string;
  /** codes of the two languages, the pivot first */
  languages: [string, string];
}
