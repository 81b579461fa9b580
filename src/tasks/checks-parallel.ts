import { type Finding, items } from "./finding.ts";
import type { TaskRow } from "./row.ts";
import type { ChoiceTask } from "./task.ts";

/** Every row of a language. */
export interface ParallelRows {
  code: string;
  rows: readonly TaskRow[];
}

type Report = (
  check: string,
  severity: Finding["severity"],
  found: readonly { id: string }[],
  message: string,
) => Finding[];

const reporter =
  (task: string, language: string): Report =>
  (check, severity, found, message) =>
    found.length === 0 ? [] : [{ check, task, language, severity, items: found.map(({ id }) => id), message }];

/** Ids that a language has twice, lacks or has alone. */
export function idFindings(
  task: string,
  { code, rows }: { code: string; rows: readonly { id: string }[] },
  pivot: { code: string; rows: readonly { id: string }[] },
): Finding[] {
  const report = reporter(task, code);
  const [own, theirs] = [rows, pivot.rows].map((set) => new Set(set.map(({ id }) => id))) as [Set<string>, Set<string>];
  const seen = new Set<string>();
  const repeated = rows.filter(({ id }) => seen.size === seen.add(id).size);
  const absent = pivot.rows.filter(({ id }) => !own.has(id));
  const alone = rows.filter(({ id }) => !theirs.has(id));
  return [
    ...report("ids-repeated", "error", repeated, `${items(repeated.length, "have")} the id of an earlier one.`),
    ...report("ids-absent", "warning", absent, `${items(absent.length, "are")} in ${pivot.code} only.`),
    ...report("ids-alone", "warning", alone, `${items(alone.length, "are")} not in ${pivot.code}.`),
  ];
}

/** A language of a parallel task against its pivot; the pivot itself is checked for what needs no other. */
export function parallelFindings(
  task: Pick<ChoiceTask, "name" | "labels" | "labelWords" | "untranslated">,
  set: ParallelRows,
  pivot: ParallelRows,
): Finding[] {
  const report = reporter(task.name, set.code);
  const isPivot = set.code === pivot.code;
  const other = new Map(pivot.rows.map((row) => [row.id, row]));
  const absent = set.rows.filter((row) => task.untranslated?.(row));
  const contradicting = absent.filter(({ id, label }) => other.get(id)?.label !== label);
  const translated = set.rows.filter((row) => !absent.includes(row));
  const differing = translated.filter(({ id, label }) => {
    const wanted = other.get(id)?.label ?? -1;
    return label >= 0 && wanted >= 0 && label !== wanted;
  });
  const copies = isPivot ? [] : translated.filter((row) => isCopy(row, other.get(row.id)));
  return [
    ...(isPivot ? [] : idFindings(task.name, set, pivot)),
    ...report(
      "untranslated",
      "warning",
      absent,
      `${items(absent.length, "have")} no translation` +
        (contradicting.length > 0 ? `; the labels of ${contradicting.length} of them differ from ${pivot.code}.` : "."),
    ),
    ...report("labels-differ", "error", differing, differingMessage(task.labels, differing, set, pivot)),
    ...unknownLabels(task, set, pivot, report),
    ...report("same-as-pivot", "warning", copies, `${items(copies.length, "have")} the text of ${pivot.code}.`),
  ];
}

const isCopy = (row: TaskRow, other: TaskRow | undefined): boolean =>
  other !== undefined && Object.entries(row.fields).every(([name, text]) => other.fields[name] === text);

/** Says which labels changed places where it is all of them, else how many differ. */
function differingMessage(
  labels: readonly string[],
  differing: readonly TaskRow[],
  { rows }: ParallelRows,
  pivot: ParallelRows,
): string {
  const wanted = new Map(pivot.rows.map(({ id, label }) => [id, label]));
  const swapped = labels.flatMap((first, a) =>
    labels.slice(a + 1).flatMap((second, offset) => {
      const b = a + 1 + offset;
      const concerned = rows.filter(({ id }) => [a, b].includes(wanted.get(id) ?? -1));
      const isSwapped = concerned.every(({ id, label }) => label === (wanted.get(id) === a ? b : a));
      return concerned.length > 0 && isSwapped ? [`${first} and ${second} are swapped`] : [];
    }),
  );
  const count = `${items(differing.length, "are")} labelled otherwise than in ${pivot.code}`;
  return swapped.length > 0 ? `${swapped.join("; ")}: ${count}.` : `${count}.`;
}

/** Labels that are none of the task's, by their word, with what the pivot says of the same items. */
function unknownLabels(
  task: Pick<ChoiceTask, "labels" | "labelWords">,
  { code, rows }: ParallelRows,
  pivot: ParallelRows,
  report: Report,
): Finding[] {
  const wanted = new Map(pivot.rows.map(({ id, label }) => [id, label]));
  const words = [...new Set(rows.filter(({ label }) => label < 0).map(({ given }) => given ?? ""))];
  return words.flatMap((word) => {
    const found = rows.filter(({ label, given }) => label < 0 && (given ?? "") === word);
    const meant = [...new Set(found.map(({ id }) => task.labels[wanted.get(id) ?? -1] ?? "nothing"))];
    const known = (task.labelWords?.(code) ?? task.labels).join(", ");
    return report(
      "unknown-label",
      "error",
      found,
      `${items(found.length, "are")} labelled ${word || "with nothing"}, which is none of ${known}; ${pivot.code} says ` +
        `${meant.join(" or ")}${meant.length === 1 ? " for all of them" : ""}. No answer to them can be right.`,
    );
  });
}
