import type { RunFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import { type ExampleRow, type ModelIdentity, modelKey } from "../run/records.ts";
import { holm } from "../stats/holm.ts";
import { pairedChange } from "../stats/paired-change.ts";
import type { Comparison, GroupRow, Language, TaskSection } from "./data.ts";

/** One example answered by both models. */
interface Pair {
  /** its cluster, where it has one */
  id: string;
  before: boolean;
  after: boolean;
}

function rightAnswers(rows: ExampleRow[], metric: string): Map<string, boolean> {
  const isRight = (row: ExampleRow) => (metric === "acc_norm" ? row.prediction_norm === row.label : row.correct);
  return new Map(rows.map((row) => [row.id, isRight(row)]));
}

function pairsOf(before: ExampleRow[], after: ExampleRow[], metric: string): Pair[] {
  const then = rightAnswers(before, metric);
  const now = rightAnswers(after, metric);
  const clusters = new Map(before.map(({ id, cluster }) => [id, cluster]));
  return [...then].flatMap(([id, right]) => {
    const later = now.get(id);
    return later === undefined ? [] : [{ id: clusters.get(id) ?? id, before: right, after: later }];
  });
}

/** Answers of one or several languages, before against after. */
export function compareAnswers(pairs: Pair[]): Comparison {
  const { method: _, ...change } = pairedChange(
    pairs.map(({ id, before, after }) => ({ id, before: Number(before), after: Number(after) })),
  );
  return change;
}

const mean = (values: (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
};

function groupRow(
  section: TaskSection,
  pairs: Map<string, Pair[]>,
  group: GroupRow["group"],
  label: string,
  members: Set<string>,
): GroupRow | undefined {
  const present = section.rows.filter((row) => members.has(row.language));
  const atBoth = present.filter((row) => row.before && row.after);
  // means over different languages would not be comparable
  const rows = atBoth.length > 0 ? atBoth : present;
  if (rows.length === 0) return undefined;
  const before = mean(rows.map((row) => row.before?.value));
  const after = mean(rows.map((row) => row.after?.value));
  const together = rows.flatMap((row) => pairs.get(row.language) ?? []);
  return {
    group,
    label,
    languages: rows.length,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(together.length > 0 && { comparison: compareAnswers(together) }),
  };
}

/** The groups of a report: English, aligned, unseen, and all but English where both of the latter occur. */
export function groupsOf(
  languages: Language[],
  labels: Record<string, string>,
): { group: GroupRow["group"]; label: string; members: Set<string> }[] {
  const of = (accept: (language: Language) => boolean) => new Set(languages.filter(accept).map(({ code }) => code));
  const named = (["pivot", "aligned", "unseen"] as const).map((group) => ({
    group,
    label: labels[group]!,
    members: of((language) => language.group === group),
  }));
  const others = { group: "others" as const, label: "All but English", members: of(({ group }) => group !== "pivot") };
  return named[1]!.members.size > 0 && named[2]!.members.size > 0 ? [...named, others] : named;
}

/** Whether a group says something of its own here: "all but English" only where two groups were measured. */
export function isOwnGroup(
  group: ReturnType<typeof groupsOf>[number],
  groups: ReturnType<typeof groupsOf>,
  measured: string[],
): boolean {
  const has = (name: GroupRow["group"]) =>
    groups.some((other) => other.group === name && measured.some((code) => other.members.has(code)));
  return group.group === "others" ? has("aligned") && has("unseen") : has(group.group);
}

/** Adds to a section what the per-example rows of both stages say: paired differences, exact p-values, groups. */
export function addComparisons(
  section: TaskSection,
  folder: RunFolder,
  models: { before?: ModelIdentity; after?: ModelIdentity },
  groups: ReturnType<typeof groupsOf>,
): void {
  const { task, shots, seed, metric } = section;
  const examples = (model: ModelIdentity | undefined, language: string): ExampleRow[] =>
    model ? readLines<ExampleRow>(folder.examples(modelKey(model), task, language, shots, seed)) : [];
  const pairs = new Map<string, Pair[]>();
  for (const row of section.rows) {
    const both = pairsOf(examples(models.before, row.language), examples(models.after, row.language), metric);
    if (both.length === 0) continue;
    pairs.set(row.language, both);
    row.comparison = compareAnswers(both);
  }
  const compared = section.rows.filter((row) => row.comparison);
  const adjusted = holm(compared.map((row) => row.comparison!.p));
  compared.forEach((row, index) => {
    row.comparison!.adjusted = adjusted[index]!;
  });
  const measured = section.rows.map((row) => row.language);
  section.groups = groups
    .filter((group) => isOwnGroup(group, groups, measured))
    .map(({ group, label, members }) => groupRow(section, pairs, group, label, members))
    .filter((row) => row !== undefined);
}
