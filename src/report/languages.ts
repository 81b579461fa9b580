import type { Group, Language } from "./data.ts";

/** The language that the others are compared with. */
export const pivot = "en";

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** "sw" → "Swahili", "de-en" → "German → English"; a code that nobody knows stays as it is. */
export function languageName(code: string): string {
  const pair = /^([a-z]{2,3})-([a-z]{2,3})$/.exec(code);
  if (pair) return `${languageName(pair[1]!)} → ${languageName(pair[2]!)}`;
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** "German" → "de", for recipes that name their languages; built from the two-letter codes that have a name. */
let codes: Map<string, string> | undefined;

function codeOfName(name: string): string | undefined {
  if (!codes) {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const all = letters.flatMap((first) => letters.map((second) => first + second));
    codes = new Map(all.map((code) => [languageName(code).toLowerCase(), code]));
  }
  return codes.get(name.toLowerCase());
}

/** Any usual spelling of a language as the code of the run folder: "deu_Latn", "de-DE" and "German" → "de". */
export function languageCode(spelling: string): string {
  const named = codeOfName(spelling);
  if (named) return named;
  try {
    return new Intl.Locale(spelling.replaceAll("_", "-")).language;
  } catch {
    return spelling;
  }
}

/** The language of a pair that is not English: "en-de" → "de". */
export function pairLanguage(pair: string): string {
  const [left = pair, right = left] = pair.split("-");
  return right === pivot ? left : right;
}

const order: Group[] = ["pivot", "aligned", "unseen"];

/** Names and groups of the languages that occur, in the order in which every table and chart shows them. */
export function describeLanguages(codes: Iterable<string>, aligned: string[]): Language[] {
  const groupOf = (code: string): Group => (code === pivot ? "pivot" : aligned.includes(code) ? "aligned" : "unseen");
  return [...new Set(codes)]
    .map((code) => ({ code, name: languageName(code), group: groupOf(code) }))
    .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || a.name.localeCompare(b.name, "en"));
}

/** What the groups are called; without an alignment nothing is "unseen". */
export function groupLabels(aligned: string[]): Record<Group, string> {
  const trained = aligned.some((code) => code !== pivot);
  return {
    pivot: languageName(pivot),
    aligned: "Aligned languages",
    unseen: trained ? "Unseen languages" : "Other languages",
  };
}
