/** Something in training data that its owner should know. */
export interface DataFinding {
  /** kind, such as `empty` */
  check: string;
  /** error: readers stop or rows are lost; warning: it harms training; note: worth knowing */
  severity: "error" | "warning" | "note";
  file: string;
  /** code, two joined by "-", or "" */
  language: string;
  /** rows concerned; 0 where it is the file as a whole */
  count: number;
  message: string;
  /** the first of them, as file:line or record */
  examples: { place: string; text: string }[];
}

const shownExamples = 5;
const shownCharacters = 80;

/** One row that a check stopped at. */
export interface Hit {
  place: string;
  text: string;
}

/** The finding about rows, or none where there are no rows. */
export function rowsFinding(
  about: Pick<DataFinding, "check" | "severity" | "file" | "language" | "message">,
  hits: readonly Hit[],
): DataFinding[] {
  if (hits.length === 0) return [];
  const examples = hits.slice(0, shownExamples).map(({ place, text }) => ({
    place,
    text: text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text,
  }));
  return [{ ...about, count: hits.length, examples }];
}
