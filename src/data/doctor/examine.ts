import { type EvaluatedTexts, searchOverlap } from "../../tasks/checks-overlap.ts";
import { alignedFindings, alignedGroups } from "./aligned-files.ts";
import type { DataFile } from "./data-file.ts";
import { dataFiles } from "./data-files.ts";
import type { DataFinding } from "./finding.ts";
import { itemFindings } from "./item-files.ts";
import { lineFindings } from "./line-checks.ts";
import { overlapFindings } from "./overlap.ts";
import { pairFindings, pairsOf } from "./pair-checks.ts";
import { rowFindings } from "./row-checks.ts";
import { asDataFinding } from "./task-data.ts";

/** What `data doctor` says. */
export interface Examination {
  files: { path: string; kind: DataFile["kind"]; layout: string; language: string; rows: number }[];
  findings: DataFinding[];
}

/**
 * Checks training data: every file by itself, its sentence pairs, line-aligned files and overlap among files, and whether they hold
 * texts of the data (`against`) that a model is to be evaluated on.
 * @throws Error when a path does not exist or holds no file
 */
export function examine(paths: readonly string[], against: readonly EvaluatedTexts[] = []): Examination {
  const files = dataFiles(paths);
  const groups = alignedGroups(files);
  return {
    files: files.map(({ path, kind, layout, language = "", rows }) => ({
      path,
      kind,
      layout,
      language,
      rows: rows.length,
    })),
    findings: [
      ...files.flatMap((file) => [
        ...file.findings,
        ...(file.rows.length > 0 ? lineFindings(file) : []),
        ...rowFindings(file),
        ...pairFindings(file.path, pairsOf(file)),
      ]),
      ...alignedFindings(groups),
      ...itemFindings(files),
      ...overlapFindings(files, groups),
      ...evaluatedFindings(files, against),
    ],
  };
}

function evaluatedFindings(files: readonly DataFile[], against: readonly EvaluatedTexts[]): DataFinding[] {
  if (against.length === 0) return [];
  const search = searchOverlap(against);
  for (const { rows } of files) for (const { cells } of rows) for (const { text } of cells) search.see(text);
  return search.findings().map(asDataFinding);
}

/** Evaluation data as texts that must not be trained on. */
export const evaluatedTexts = (paths: readonly string[]): EvaluatedTexts[] =>
  dataFiles(paths).map(({ path, language = "", rows }) => ({
    ...{ task: path, language },
    rows: rows.map(({ place, cells }) => ({
      id: place,
      fields: Object.fromEntries(cells.map(({ name, text }) => [name, text])),
    })),
  }));
