import type { GroupRow, ReportData, TaskSection, Verdict } from "./data.ts";
import { countWord, decimal, languageCount, percent, points, sentenceCase } from "./format.ts";
import { englishFell } from "./gap.ts";
import { groupChange, retrieval } from "./similarity.ts";
import { shortTitle } from "./titles.ts";

type Facts = Pick<ReportData, "tasks" | "similarity" | "languages" | "models" | "groups" | "bits">;

/** "retrieval" in "the six aligned languages" "rose from 3.0 % to 13.2 %" */
interface Clause {
  subject: string;
  where: string;
  rest: string;
}

/** "the six aligned languages", "four of the six aligned languages", "German": whom a number speaks of. */
function describeGroup(data: Facts, group: "aligned" | "unseen", measured: number): string {
  const members = data.languages.filter((language) => language.group === group);
  if (members.length === 1) return members[0]!.name;
  const adjective = data.groups[group].split(" ")[0]!.toLowerCase();
  const all = `the ${countWord(members.length)} ${adjective} languages`;
  return measured < members.length ? `${countWord(measured)} of ${all}` : all;
}

function retrievalClause(data: Facts, group: "aligned" | "unseen"): Clause | undefined {
  if (!data.similarity) return undefined;
  const change = groupChange(data.similarity, { metric: retrieval, ...data.similarity.quoted, group });
  if (!change) return undefined;
  const from = percent(change.before);
  const to = percent(change.after);
  const clause = { subject: "retrieval", where: describeGroup(data, group, change.pairs) };
  if (change.low > 0) return { ...clause, rest: `rose from ${from} to ${to}` };
  if (change.high < 0) return { ...clause, rest: `fell from ${from} to ${to}` };
  return { ...clause, rest: `did not change measurably (${from} before, ${to} after)` };
}

function taskClause(data: Facts, section: TaskSection, group: "aligned" | "unseen"): Clause | undefined {
  const row = section.groups.find((entry) => entry.group === group);
  if (!row?.comparison) return undefined;
  const { difference, low, high } = row.comparison;
  const interval = `95\u202f% CI ${points(low)} to ${points(high)}`;
  const clause = {
    subject: `${shortTitle(section, data.tasks)} accuracy`,
    where: describeGroup(data, group, row.languages),
  };
  if (low <= 0 && high >= 0) {
    return {
      ...clause,
      rest: `did not change measurably (pooled difference ${points(difference)}\u00a0points, ${interval})`,
    };
  }
  const verb = difference > 0 ? "rose" : "fell";
  const values = `from ${percent(row.before)} to ${percent(row.after)} (${points(difference)}\u00a0points, ${interval})`;
  return { ...clause, rest: `${verb} ${values}` };
}

function clausesFor(data: Facts, group: "aligned" | "unseen"): Clause[] {
  const primary = data.tasks.filter((section) => section.primary);
  const clauses = [retrievalClause(data, group), ...primary.map((section) => taskClause(data, section, group))];
  return clauses.filter((clause) => clause !== undefined);
}

/** Joins clauses into a sentence; whom they speak of is said once while it stays the same. */
function sentence(clauses: Clause[]): string {
  const parts = clauses.map(({ subject, where, rest }, index) => {
    const same = clauses[index - 1]?.where === where;
    return same ? `${subject} ${rest}` : `${subject} in ${where} ${rest}`;
  });
  return `${sentenceCase(parts.join("; "))}.`;
}

/** How plain language modelling fared: the first thing that alignment can cost. Languages count as changed where the intervals before and after do not overlap. */
function modellingSentences(data: Facts): string[] {
  return data.bits.flatMap(({ rows }) => {
    const both = rows.flatMap(({ before, after }) => (before && after ? [{ before, after }] : []));
    if (both.length === 0) return [];
    const mean = (stage: "before" | "after") =>
      decimal(both.reduce((sum, row) => sum + row[stage].value, 0) / both.length);
    const worse = both.filter(({ before, after }) => after.low > before.high).length;
    const better = both.filter(({ before, after }) => after.high < before.low).length;
    const means = `mean ${mean("before")} before, ${mean("after")} after`;
    const of = (count: number) => `${countWord(count)} of ${languageCount(both.length)}`;
    if (worse === 0 && better === 0) return [`Bits per byte did not change clearly in any language (${means}).`];
    const parts = [worse > 0 && `worse in ${of(worse)}`, better > 0 && `better in ${of(better)}`].filter(Boolean);
    const meaning = worse > better ? ": plain text is predicted less well than before alignment" : "";
    return [`Bits per byte became clearly ${parts.join(" and ")} (${means}; lower is better)${meaning}.`];
  });
}

/** Where one model alone was measured: what it does, and that nothing can be compared. */
function measuredOnce(data: Facts, stage: "before" | "after"): Verdict {
  const only = `Only the model ${stage} alignment has been measured, so nothing can be compared.`;
  const others = data.languages.filter(({ group }) => group !== "pivot");
  const groups: GroupRow["group"][] = ["others", "aligned", "unseen"];
  const levels = data.tasks
    .filter((section) => section.primary)
    .flatMap((section) => {
      const english = section.groups.find(({ group }) => group === "pivot");
      // "others" is there only where both of its parts are
      const rest = groups.map((name) => section.groups.find(({ group }) => group === name)).find((row) => row);
      if (!english || !rest) return [];
      const many = rest.languages === 1 ? others[0]!.name : `${countWord(rest.languages)} other languages`;
      return [
        `${shortTitle(section, data.tasks)} accuracy is ${percent(english[stage])} in English and ${percent(rest[stage])} in ${many}`,
      ];
    });
  if (levels.length === 0) return { title: only, details: [] };
  const [first = "", ...more] = levels.map((text) => `${text}.`);
  return { title: first, details: [...more, only] };
}

/** A plain sentence made from the numbers, and what else a reader must know; nothing is rounded in favour of the method. */
export function verdictOf(data: Facts): Verdict {
  const { before, after } = data.models;
  if (!before && !after) {
    return { title: "Nothing has been measured in this run folder yet.", details: [] };
  }
  if (!before || !after) return measuredOnce(data, before ? "before" : "after");
  const has = (group: string) => data.languages.some((language) => language.group === group);
  const first = has("aligned") ? "aligned" : "unseen";
  const main = clausesFor(data, first);
  const rest = first === "aligned" && has("unseen") ? clausesFor(data, "unseen") : [];
  const english = englishFell(data.tasks, data.languages).map(
    ({ section, low, high, difference }) =>
      `English lost ${points(Math.abs(difference)).slice(1)} points on ${shortTitle(section, data.tasks)} (95\u202f% CI ${points(low)} to ${points(high)}): part of any narrower gap is English falling.`,
  );
  const modelling = modellingSentences(data);
  if (main.length === 0) {
    const [title = "No measure was taken at both stages, so nothing can be compared.", ...details] = modelling;
    return { title, details };
  }
  // the first retrieval and the first task carry the title; the others follow as details
  const title = sentence(main.slice(0, 2));
  const details = [
    ...main.slice(2).map((clause) => sentence([clause])),
    ...rest.map((clause) => sentence([clause])),
    ...english,
    ...modelling,
  ];
  return { title, details };
}
