import type { Finding } from "./finding.ts";
import type { ChoiceExample } from "./prompt.ts";

/** Checks whose items can be left out of a second figure. */
export const dropRules = [
  "untranslated",
  "labels-differ",
  "unknown-label",
  "duplicate-choices",
  "wrong-script",
  "same-as-pivot",
  "train-eval-overlap",
] as const;
export type DropRule = (typeof dropRules)[number];

/**
 * Ids to leave out of a language by the rules. A parallel task loses an item in every language or in none, so that languages stay
 * comparable: `everywhere` counts the findings of all of them.
 */
export function droppedItems(
  findings: readonly Finding[],
  rules: readonly DropRule[],
  { task, language, everywhere }: { task: string; language: string; everywhere: boolean },
): Set<string> {
  const concerned = findings.filter(
    (finding) =>
      finding.task === task &&
      (everywhere || finding.language === language) &&
      (rules as readonly string[]).includes(finding.check),
  );
  return new Set(concerned.flatMap(({ items }) => items));
}

/** The examples with the labels that the pivot has for the same items, for files whose labels are wrong. */
export function withPivotLabels(examples: readonly ChoiceExample[], pivot: readonly ChoiceExample[]): ChoiceExample[] {
  const labels = new Map(pivot.map(({ id, label }) => [id, label]));
  return examples.map((example) => ({ ...example, label: labels.get(example.id) ?? example.label }));
}
