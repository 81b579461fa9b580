import type { Group, Language, ReportData } from "../../src/report/data.ts";

export type {
  Curve,
  Estimate,
  GapRow,
  Group,
  Language,
  MeasureSection,
  PcaFrame,
  PcaSection,
  Profile,
  SimilaritySection,
  SimilaritySeries,
  TaskSection,
  TrainingSection,
} from "../../src/report/data.ts";

/** The part of a report that the charts draw. */
export type ChartData = Pick<
  ReportData,
  "languages" | "groups" | "tasks" | "gaps" | "bits" | "similarity" | "pca" | "training"
>;

/** Reads the data that stand in the page. */
export function readData(): ChartData | undefined {
  const text = document.getElementById("report-data")?.textContent;
  return text ? (JSON.parse(text) as ChartData) : undefined;
}

export function languageOf(data: ChartData, code: string): Language {
  return data.languages.find((language) => language.code === code) ?? { code, name: code, group: "unseen" };
}

export const groupColor = (group: Group | "others"): string => `var(--${group})`;
