import type { AlignedGroup } from "./aligned-files.ts";
import type { DataFile, DataRow } from "./data-file.ts";
import { type DataFinding, type Hit, rowsFinding } from "./finding.ts";
import { bare, rowKey } from "./row-checks.ts";

/** A text that is shorter is the same by chance. */
const shortest = 15;

/** Rows that are compared with those of other files under one name. */
interface Compared {
  file: DataFile;
  rows: readonly DataRow[];
  /** a side of line-aligned files: its sentences may recur beside other languages */
  side: boolean;
}

/**
 * Rows that an earlier file has, too. Rows of one text are compared by it, others whole: an English sentence that several languages
 * translate is no overlap, but a sentence of line-aligned files that stands in a file of its own is.
 */
export function overlapFindings(files: readonly DataFile[], groups: readonly AlignedGroup[]): DataFinding[] {
  const sides = new Set(groups.flatMap(({ pivot, others }) => [pivot, ...others.map(({ file }) => file)]));
  const alone = files.map((file): Compared => ({ file, rows: file.rows, side: sides.has(file) }));
  return [...overlaps(alone), ...overlaps(groups.flatMap(pairRows))];
}

/** Line-aligned files as pairs. */
const pairRows = ({ pivot, others }: AlignedGroup): Compared[] =>
  others.map(({ file }) => ({
    file,
    side: false,
    rows: file.rows.flatMap(({ place, cells }, i) => {
      const other = pivot.rows[i];
      return other ? [{ place, cells: [...other.cells, ...cells] }] : [];
    }),
  }));

function overlaps(sets: readonly Compared[]): DataFinding[] {
  const firsts = { alone: new Map<string, DataFile>(), side: new Map<string, DataFile>() };
  return sets.flatMap(({ file, rows, side }) => {
    const hits = new Map<DataFile, Hit[]>();
    const keys: string[] = [];
    for (const row of rows) {
      const key = keyOf(row);
      if (key.length < shortest) continue;
      keys.push(key);
      const first = firsts.alone.get(key) ?? (side ? undefined : firsts.side.get(key));
      if (!first) continue;
      const list = hits.get(first) ?? [];
      hits.set(first, list);
      list.push({ place: row.place, text: row.cells.map(({ text }) => text).join(" | ") });
    }
    const own = side ? firsts.side : firsts.alone;
    for (const key of keys) if (!own.has(key)) own.set(key, file);
    return [...hits].flatMap(([first, found]) => reported(file, first, found));
  });
}

const keyOf = (row: DataRow): string => {
  const [only, ...more] = row.cells;
  return only && more.length === 0 ? `${only.language ?? ""} ${bare(only.text)}` : rowKey(row);
};

const reported = (file: DataFile, first: DataFile, hits: readonly Hit[]): DataFinding[] =>
  rowsFinding(
    {
      ...{ check: "overlap", severity: "warning", file: file.path, language: file.language ?? "" },
      message: `Also in ${first.path}.`,
    },
    hits,
  );
