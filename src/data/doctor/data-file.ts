import type { DataFinding } from "./finding.ts";

/** A text of a row; `""` where it is absent. */
export interface Cell {
  /** column or field */
  name: string;
  text: string;
  /** code, where the data say it */
  language?: string;
}

/** A row as training would see it. */
export interface DataRow {
  place: string;
  /** the same for an item in every language's file */
  id?: string;
  cells: Cell[];
}

/** What a file holds: sentence pairs, prompts with answers, both (AFP), text alone, or fields of no known meaning. */
export type DataKind = "pairs" | "instructions" | "afp" | "text" | "table";

/** A file of training data, read as far as it can be. */
export interface DataFile {
  path: string;
  kind: DataKind;
  /** what each field or column is */
  layout: string;
  /** code in the name of the file or of its folder */
  language: string | undefined;
  rows: DataRow[];
  /** names of the two cells that translate one another */
  pair?: [string, string];
  /** what kept it, or some of its rows, from being read */
  findings: DataFinding[];
  /** the text, for checks of lines */
  text: string;
}
