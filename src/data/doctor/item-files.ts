import { dirname } from "node:path";
import type { DataFile } from "./data-file.ts";
import { type DataFinding, rowsFinding } from "./finding.ts";
import { type CheckedPair, pairFindings } from "./pair-checks.ts";

/** Bactrian-X style files of one folder against the pivot (English, else the first): ids that one has alone, and the pairs of instructions. */
export function itemFindings(files: readonly DataFile[]): DataFinding[] {
  const folders = new Map<string, DataFile[]>();
  for (const file of files.filter(({ rows }) => rows[0]?.id !== undefined)) {
    const list = folders.get(dirname(file.path)) ?? [];
    folders.set(dirname(file.path), list);
    list.push(file);
  }
  return [...folders.values()].flatMap((group) => {
    const pivot = group.find(({ language }) => language === "en") ?? group[0]!;
    return group
      .filter((file) => file !== pivot)
      .flatMap((file) => [...absent(pivot, file), ...absent(file, pivot), ...paired(pivot, file)]);
  });
}

/** Items of `file` that `other` lacks. */
function absent(file: DataFile, other: DataFile): DataFinding[] {
  const ids = new Set(other.rows.map(({ id }) => id));
  const hits = file.rows
    .filter(({ id }) => !ids.has(id))
    .map(({ place, cells }) => ({ place, text: cells.map(({ text }) => text).join(" | ") }));
  const language = file.language ?? "";
  const message = `Items that ${other.path} lacks.`;
  return rowsFinding({ check: "absent-id", severity: "note", file: file.path, language, message }, hits);
}

function paired(pivot: DataFile, file: DataFile): DataFinding[] {
  const byId = new Map(pivot.rows.map((row) => [row.id, row]));
  const pairs = file.rows.flatMap(({ id, place, cells }): CheckedPair[] => {
    const other = byId.get(id);
    return other ? [{ place, a: other.cells[0]!, b: cells[0]! }] : [];
  });
  return pairFindings(file.path, pairs);
}
