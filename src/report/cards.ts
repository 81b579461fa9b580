import type { Card, GroupRow, HeadlineRow, ReportData, TaskSection } from "./data.ts";
import { countWord, languageCount } from "./format.ts";
import { similarityTitle } from "./headline.ts";
import { groupChange, groupMean, retrieval } from "./similarity.ts";
import { metricTitle, shortTitle } from "./titles.ts";

type Facts = Pick<ReportData, "tasks" | "similarity" | "languages" | "bits" | "headline" | "groups">;

const direction = (low: number, high: number, lowerIsBetter: boolean): Card["direction"] => {
  if (low <= 0 && high >= 0) return "none";
  return low > 0 !== lowerIsBetter ? "better" : "worse";
};

function retrievalCard(data: Facts, group: "aligned" | "unseen"): Card | undefined {
  const section = data.similarity;
  if (!section) return undefined;
  const at = { metric: retrieval, ...section.quoted, group };
  const before = groupMean(section, { ...at, stage: "before" });
  const after = groupMean(section, { ...at, stage: "after" });
  const pairs = (after ?? before)?.pairs;
  if (!pairs) return undefined;
  const difference = groupChange(section, at);
  return {
    label: `${similarityTitle(retrieval)}, ${data.groups[group].toLowerCase()}`,
    detail: `mean of ${countWord(pairs)} ${pairs === 1 ? "pair" : "pairs"} with English, layer ${at.layer}, ${at.pooling} pooling`,
    unit: "percent",
    ...(before && { before: before.value }),
    ...(after && { after: after.value }),
    ...(difference && { difference: { value: difference.value, low: difference.low, high: difference.high } }),
    direction: difference ? direction(difference.low, difference.high, false) : "none",
    lowerIsBetter: false,
  };
}

function taskCard(data: Facts, section: TaskSection, row: GroupRow | undefined): Card | undefined {
  if (!row || (row.before === undefined && row.after === undefined)) return undefined;
  const { comparison } = row;
  const languages = row.group === "pivot" ? "" : `, ${languageCount(row.languages)}`;
  return {
    label: `${shortTitle(section, data.tasks)}, ${row.group === "pivot" ? row.label : row.label.toLowerCase()}`,
    detail: `${section.shots === 0 ? "zero-shot " : ""}${metricTitle(section.metric)}${languages}${comparison ? `, ${comparison.n.toLocaleString("en")} paired answers` : ""}`,
    unit: "percent",
    ...(row.before !== undefined && { before: row.before }),
    ...(row.after !== undefined && { after: row.after }),
    ...(comparison && { difference: { value: comparison.difference, low: comparison.low, high: comparison.high } }),
    direction: comparison ? direction(comparison.low, comparison.high, false) : "none",
    lowerIsBetter: false,
  };
}

function bitsCard(data: Facts): Card | undefined {
  const section = data.bits[0];
  const rows = data.headline.filter((row: HeadlineRow) => row.unit === "bits" && row.measure === section?.title);
  const row =
    rows.find(({ group }) => group === data.groups.aligned) ?? rows.find(({ group }) => group === data.groups.unseen);
  if (!section || !row) return undefined;
  return {
    label: `Bits per byte, ${row.group.toLowerCase()}`,
    detail: "mean over languages; lower is better",
    unit: "bits",
    ...(row.before !== undefined && { before: row.before }),
    ...(row.after !== undefined && { after: row.after }),
    direction: "none",
    lowerIsBetter: true,
  };
}

/** At most six before → after numbers for the first screen, the aligned languages first. */
export function cardsOf(data: Facts): Card[] {
  const primary = data.tasks.filter((section) => section.primary);
  const ofGroup = (section: TaskSection, group: GroupRow["group"]) => section.groups.find((row) => row.group === group);
  const main = data.languages.some(({ group }) => group === "aligned") ? "aligned" : "unseen";
  const first = primary[0];
  const cards = [
    retrievalCard(data, main),
    ...primary.slice(0, 2).map((section) => taskCard(data, section, ofGroup(section, main))),
    main === "aligned" ? retrievalCard(data, "unseen") : undefined,
    first && taskCard(data, first, ofGroup(first, "pivot")),
    bitsCard(data),
  ];
  return cards.filter((card) => card !== undefined).slice(0, 6);
}
