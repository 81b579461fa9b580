import type { Source } from "../../text/source.ts";
import type { LeftOut } from "../left-out.ts";
import type { AfpRow } from "./row.ts";

/** What a build gives: files to be written, and an account of what went into them. */
export interface AfpBuilt {
  files: { name: string; rows: AfpRow[] }[];
  sources: Source[];
  /** rows per direction of the supervised text: "en->zh" */
  directions: Record<string, number>;
  /** per file: sentence pairs that there are, and that occur in its rows */
  pairs: Record<string, { available: number; used: number }>;
  leftOut: LeftOut[];
  /** what the official program prints */
  printed: string;
}
