import { basename } from "node:path";
import { findLanguage, type Language } from "../text/languages.ts";

/** A file name with one of its dot-separated parts taken as a language: `train.de` is German, the rest `train.*`. */
export interface NamedLanguage {
  language: Language;
  /** the name with `*` in the language's place */
  rest: string;
}

/** Every way to read a language out of a file name. */
export function languagesInName(path: string): NamedLanguage[] {
  const parts = basename(path).split(".");
  return parts.flatMap((part, i) => {
    const language = part.length <= 8 ? findLanguage(part) : undefined;
    return language ? [{ language, rest: parts.with(i, "*").join(".") }] : [];
  });
}

/** The two languages that a file name joins, as in `eng-deu.tsv` or `opus.en-zh_CN.tsv`. */
export function languagePairInName(path: string): [Language, Language] | undefined {
  for (const part of basename(path).split("."))
    for (const { index } of part.matchAll(/[-_]/g)) {
      const first = findLanguage(part.slice(0, index));
      const second = findLanguage(part.slice(index + 1));
      if (first && second && first !== second) return [first, second];
    }
  return undefined;
}

/** The columns of a header that consists of languages and has all that are wanted, or undefined. */
export function languageHeader(line: string, wanted: readonly Language[]): Map<Language, number> | undefined {
  const found = line.split("\t").map((cell) => findLanguage(cell));
  const columns = new Map(found.flatMap((entry, i) => (entry ? [[entry, i] as const] : [])));
  const complete = columns.size === found.length && wanted.every((entry) => columns.has(entry));
  return complete ? columns : undefined;
}

/**
 * The cells of a TSV line; quotes have no meaning.
 * @throws Error when it has another number of columns
 */
export function cells(line: string, columns: number, place: string): string[] {
  const found = line.split("\t");
  if (found.length === columns) return found;
  throw new Error(`${place}: expected ${columns} columns separated by tabs, received ${found.length}.`);
}
