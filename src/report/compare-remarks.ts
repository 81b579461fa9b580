import type { LabelFlag } from "../stats/label-flags.ts";
import type { ComparisonSection } from "./compare-data.ts";
import { formatOf } from "./compare-format.ts";
import { languageName, pivot } from "./languages.ts";

/** What a reader of a section's table must know before believing it. */
export function remarks(section: ComparisonSection, letters: readonly string[]): string[] {
  const flagged = (flag: LabelFlag, words: string) => {
    const languages = section.rows.flatMap(({ language, values }) => {
      const systems = letters.filter((_, i) => values[i]?.flags.includes(flag));
      return systems.length > 0 ? [`${languageName(language)} (${systems.join(", ")})`] : [];
    });
    return languages.length > 0 ? [`${words}: ${languages.join(", ")}.`] : [];
  };
  return [
    ...baselineRemark(section),
    ...flagged("at chance", "At chance"),
    ...flagged("one label", "Nearly always one label"),
    ...(section.gaps.length > 0 ? englishRemarks(section, letters) : []),
    ...seedRemark(section),
  ];
}

/** What an accuracy has to beat. */
function baselineRemark(section: ComparisonSection): string[] {
  const { value } = formatOf(section);
  const range = (values: number[]) => [...new Set([Math.min(...values), Math.max(...values)].map(value))].join(" to ");
  const chances = section.rows.flatMap(({ chance }) => chance ?? []);
  const majorities = section.rows.flatMap(({ majority }) => majority ?? []);
  if (chances.length === 0 || majorities.length === 0) return [];
  return [`Guessing gives ${range(chances)}, always the most frequent label ${range(majorities)}.`];
}

/** What makes a narrower gap to English less than it seems. */
function englishRemarks(section: ComparisonSection, letters: readonly string[]): string[] {
  const english = section.rows.find(({ language }) => language === pivot)!;
  const fell = english.changes.filter(({ high }) => high < 0).map(({ system }) => system);
  const guessing = letters.filter((_, i) => english.values[i]?.flags.includes("at chance"));
  return [
    ...(guessing.length > 0
      ? [`English is at chance in ${guessing.join(", ")}: how far others are behind it says nothing.`]
      : []),
    ...(fell.length > 0 ? [`English itself fell in ${fell.join(", ")}, which narrows a gap too.`] : []),
  ];
}

function seedRemark(section: ComparisonSection): string[] {
  const spread = section.rows.flatMap(({ values }) => values.flatMap((value) => value?.seed_deviation ?? []));
  if (spread.length === 0) return [];
  const { value } = formatOf(section);
  const range = `${value(Math.min(...spread))} to ${value(Math.max(...spread))}`;
  return [`Standard deviation over ${section.seeds.length} seeds: ${range}.`];
}
