import type { ResultRow } from "../run/records.ts";
import { type GapItems, relativeGaps } from "../stats/relative-gap.ts";
import { mean } from "../stats/spread.ts";
import type { GapRow } from "./compare-data.ts";
import type { LanguageGroup } from "./compare-groups.ts";
import { type Items, itemsOf, sameItems } from "./compare-items.ts";
import type { ComparedSystem } from "./compare-system.ts";
import { pivot } from "./languages.ts";

/** A system under its letter, with its results of one section by language. */
export interface SectionSystem {
  letter: string;
  system: ComparedSystem;
  rows: ReadonlyMap<string, readonly ResultRow[]>;
}

/** How far groups of languages, and each language, are behind English in systems that answered the same items. */
export function gapRows(systems: readonly SectionSystem[], groups: readonly LanguageGroup[]): GapRow[] {
  return groups.flatMap(({ label, languages }) => {
    const members = [...languages].filter((code) => code !== pivot);
    const row = members.length > 0 ? gapRow(systems, label, members) : undefined;
    return row ? [row] : [];
  });
}

function gapRow(systems: readonly SectionSystem[], label: string, languages: string[]): GapRow | undefined {
  const codes = [pivot, ...languages];
  const scored = systems.map(({ system, rows }) => codes.map((code) => overSeeds(system, rows.get(code) ?? [])));
  // every item in every language and every system, so that nothing but the language differs
  const inAllSystems = codes.map((_, c) => new Set(sameItems(scored.map((byLanguage) => byLanguage[c]!))));
  const shared = [...inAllSystems[0]!].filter((id) => inAllSystems.every((ids) => ids.has(id)));
  if (shared.length === 0) return undefined;
  const items = scored.map(
    ([own, ...others]): GapItems => ({
      pivot: shared.map((id) => own!.get(id)!.score),
      others: shared.map((id) => mean(others.map((each) => each.get(id)!.score))),
    }),
  );
  if (items.some((each) => mean(each.pivot) === 0)) return undefined; // relative to nothing
  const { gaps, changes } = relativeGaps(items);
  return {
    label,
    languages,
    systems: gaps.map((gap, s) => ({ system: systems[s]!.letter, ...gap, ...(s > 0 && { change: changes[s - 1]! }) })),
  };
}

/** Mean score of each item over the seeds. */
function overSeeds(system: ComparedSystem, rows: readonly ResultRow[]): Items {
  const seeds = rows.map((row) => itemsOf(system, row));
  const shared = [...(seeds[0]?.entries() ?? [])].filter(([id]) => seeds.every((items) => items.has(id)));
  return new Map(
    shared.map(([id, { label }]) => [id, { label, score: mean(seeds.map((items) => items.get(id)!.score)) }]),
  );
}
