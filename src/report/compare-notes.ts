import type { ResultRow } from "../run/records.ts";
import type { ComparisonSection } from "./compare-data.ts";
import { sharedItems } from "./compare-items.ts";
import { systemLetter } from "./compare-sections.ts";
import type { ComparedSystem } from "./compare-system.ts";

/** What a reader must know before believing a comparison. */
export function notesOf(systems: readonly ComparedSystem[], sections: readonly ComparisonSection[]): string[] {
  const [baseline, ...others] = systems;
  return [
    ...others.flatMap((system, i) => {
      const letter = systemLetter(i + 1);
      return [...sameWeights(baseline!, system, letter), ...askedNotes(baseline!, system, letter)];
    }),
    ...unpairedNote(sections),
    ...missingNote(systems),
  ];
}

function sameWeights(baseline: ComparedSystem, system: ComparedSystem, letter: string): string[] {
  return baseline.model.hash === system.model.hash ? [`A and ${letter} are the same weights.`] : [];
}

function askedNotes(baseline: ComparedSystem, system: ComparedSystem, letter: string): string[] {
  const known = new Map(baseline.results.map((row) => [fileOf(row), row]));
  const [total, relabelled, otherwise] = [...new Map(system.results.map((row) => [fileOf(row), row])).values()]
    .map((row) => {
      const other = known.get(fileOf(row));
      return other ? sharedItems(baseline.examples(other), system.examples(row)) : undefined;
    })
    .reduce(
      ([all, labels, asked], found) =>
        found ? [all + found.shared, labels + found.relabelled, asked + found.askedOtherwise] : [all, labels, asked],
      [0, 0, 0] as [number, number, number],
    );
  const of = (count: number) => `${count} of ${total} items that A and ${letter} share`;
  return [
    ...(relabelled > 0
      ? [
          `${of(relabelled)} by their ids have other right answers in the two. They are left out; where they are more than a tenth, nothing is paired.`,
        ]
      : []),
    ...(otherwise > 0
      ? [
          `${of(otherwise)} were not asked alike (texts, demonstrations, prompts or precision differ): ` +
            "the difference is not the models' alone.",
        ]
      : []),
  ];
}

const fileOf = ({ task, language, shots, seed }: ResultRow): string => [task, language, shots, seed].join(" ");

function unpairedNote(sections: readonly ComparisonSection[]): string[] {
  const rows = sections.flatMap((section) =>
    section.rows.flatMap(({ language, changes }) =>
      changes.some(({ paired }) => !paired) ? [`${section.title} ${section.metric} ${language}`] : [],
    ),
  );
  if (rows.length === 0) return [];
  const some = `${rows.slice(0, 3).join(", ")}${rows.length > 3 ? ` and ${rows.length - 3} more` : ""}`;
  return [
    `Unpaired (marked u): ${some}. No answers to the same items are at hand, so the samples are taken as ` +
      "independent, which hides small differences.",
  ];
}

function missingNote(systems: readonly ComparedSystem[]): string[] {
  const settings = (system: ComparedSystem) =>
    new Set(
      system.results.map(({ task, language, shots, prompts }) => `${task} ${language} ${shots}-shot ${prompts}`.trim()),
    );
  const all = systems.map(settings);
  const lonely = [...new Set(all.flatMap((own) => [...own]))].filter(
    (setting) => !all.every((own) => own.has(setting)),
  );
  if (lonely.length === 0) return [];
  const some = `${lonely.slice(0, 4).join(", ")}${lonely.length > 4 ? ` and ${lonely.length - 4} more` : ""}`;
  return [`Not in every set of results: ${some}.`];
}
