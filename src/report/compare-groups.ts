import type { ComparedSystem } from "./compare-system.ts";
import { pivot } from "./languages.ts";

/** Languages that are looked at together. */
export interface LanguageGroup {
  label: string;
  languages: ReadonlySet<string>;
}

export type Grouping = "alignment" | "script" | "family" | "resource";
export const groupings: readonly Grouping[] = ["alignment", "script", "family", "resource"];

/** What groups a language, as a table of languages knows it. */
export type DescribeLanguage = (code: string) => { script: string; family: string; resource: string } | undefined;

/** Groups of the languages that occur, English left out; by alignment where a run says which languages it aligned. */
export function languageGroups(
  codes: readonly string[],
  by: Grouping,
  systems: readonly ComparedSystem[],
  describe: DescribeLanguage,
): LanguageGroup[] {
  const others = codes.filter((code) => code !== pivot);
  const aligned = new Set(systems.flatMap((system) => system.aligned));
  if (by === "alignment" && aligned.size === 0) return [];
  const labelOf = (code: string): string => {
    if (by === "alignment") return aligned.has(code) ? "aligned" : "unseen";
    const known = describe(code)?.[by];
    if (known === undefined) return `${by} unknown`;
    return by === "resource" ? `${known}-resource` : known;
  };
  const groups = new Map<string, Set<string>>();
  for (const code of others) groups.set(labelOf(code), (groups.get(labelOf(code)) ?? new Set()).add(code));
  return [...groups].map(([label, languages]) => ({ label, languages }));
}
