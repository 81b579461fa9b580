export { collectReport } from "./collect.ts";
export type { ReportData } from "./data.ts";
export { headlineTable } from "./headline.ts";
export { type ReportFiles, writeReport } from "./write.ts";
