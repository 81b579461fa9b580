import { join } from "node:path";
import type { RunFolder } from "./folder.ts";

/** diagnosis.json: what `diagnose` knows beside the results and lens files that it wrote. */
export interface DiagnosisRecord {
  /** UTF-8 length of the lines behind bits per byte by language, where they are parallel */
  bytes?: Record<string, number>;
  /** one sentence per measure that the data at hand did not allow */
  missing: string[];
  seconds: number;
}

export const diagnosisPath = (folder: RunFolder): string => join(folder.path, "diagnosis.json");
