import { basename, dirname, join } from "node:path";
import { languagesInName } from "../files.ts";
import type { DataFile } from "./data-file.ts";
import type { DataFinding } from "./finding.ts";
import { type CheckedPair, pairFindings } from "./pair-checks.ts";

/** Line-aligned files, whose names differ in the language alone: line i of each translates line i of the pivot. */
export interface AlignedGroup {
  /** English where it is there, else the first */
  pivot: DataFile;
  pivotCode: string;
  others: { code: string; file: DataFile }[];
}

/** The groups of two and more languages among files with a text per line. */
export function alignedGroups(files: readonly DataFile[]): AlignedGroup[] {
  const groups = new Map<string, Map<string, DataFile>>();
  for (const file of files.filter(({ layout }) => layout === "a text per line"))
    for (const { language, rest } of languagesInName(file.path)) {
      const key = join(dirname(file.path), rest);
      groups.set(key, (groups.get(key) ?? new Map()).set(language.code, file));
    }
  return [...groups.values()]
    .filter((group) => group.size > 1)
    .map((group) => {
      const [pivotCode, pivot] = [...group].find(([code]) => code === "en") ?? [...group][0]!;
      const others = [...group].filter(([code]) => code !== pivotCode).map(([code, file]) => ({ code, file }));
      return { pivot, pivotCode, others };
    });
}

/** As many lines in each language, and the checks of pairs with the pivot. */
export const alignedFindings = (groups: readonly AlignedGroup[]): DataFinding[] =>
  groups.flatMap((group) => group.others.flatMap(({ code, file }) => aligned(group, code, file)));

function aligned({ pivot, pivotCode }: AlignedGroup, code: string, file: DataFile): DataFinding[] {
  const [expected, found] = [pivot.rows.length, file.rows.length];
  if (expected !== found) {
    const message = `${found} lines, but ${basename(pivot.path)} has ${expected}: line i must translate line i.`;
    return [
      { check: "unaligned", severity: "error", file: file.path, language: code, count: 0, message, examples: [] },
    ];
  }
  const pairs = file.rows.map(
    ({ place, cells }, i): CheckedPair => ({
      place,
      a: { text: pivot.rows[i]!.cells[0]!.text, language: pivotCode },
      b: { text: cells[0]!.text, language: code },
    }),
  );
  return pairFindings(file.path, pairs);
}
