import type { Source } from "../text/source.ts";
import { findFiles, type Layout, patterns } from "./layouts.ts";
import type { Split, TaskRow } from "./row.ts";
import { labelIndex, readTable, type TableFormat, type TableRow } from "./table.ts";

export interface TaskRows {
  rows: TaskRow[];
  sources: Source[];
}

/** @throws Error naming file and line of what is not as expected; undefined where the split has no file */
export type RowReader = (folder: string, code: string, split: Split) => Promise<TaskRows | undefined>;

/** A reader of tables, from what the task's files are like. */
export interface RowFormat {
  task: string;
  layout: Layout;
  format: TableFormat;
  labels: readonly string[];
  /** of the published files */
  licence?: string;
  /** one file for all languages below the data folder; it is the dev split */
  own?: readonly string[];
  /** the label of a row where it is not a field `label` with a label's name or index */
  label?(row: TableRow, code: string): Pick<TaskRow, "label" | "given">;
  /** the task's fields where they are not the table's own */
  fields?(row: TableRow): Record<string, string>;
}

/** Reads the rows of a task from any of its layouts. An item without an id has its number in the file. */
export function rowReader({ task, layout, format, labels, licence, own = [], label, fields }: RowFormat): RowReader {
  return async (folder, code, split) => {
    const published = findFiles(folder, code, patterns(layout, split), layout.spellings);
    const paths = published ?? (split === "dev" ? findFiles(folder, code, own) : undefined);
    if (paths === undefined) return undefined;
    const table = await readTable(paths, code, task, format);
    const rows = table.rows.map((row, i): TaskRow => {
      const { id = String(i), label: text = "", language: _, ...texts } = row.fields;
      const told = label?.(row, code) ?? { label: labelIndex(text, labels, row.place) };
      return { id, ...told, fields: fields?.(row) ?? texts };
    });
    const sources = table.sources.map((source) => ({
      ...source,
      ...(published && licence !== undefined && { licence }),
    }));
    return { rows, sources };
  };
}
