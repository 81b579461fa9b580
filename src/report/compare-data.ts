import type { ModelIdentity } from "../run/records.ts";
import type { LabelFlag } from "../stats/label-flags.ts";
import type { GapEstimate } from "../stats/relative-gap.ts";

/** What `compare --json` prints. Values, changes and intervals are in the metric's own unit: fractions for accuracies. */
export interface ComparisonReport {
  /** the first is the baseline */
  systems: { letter: string; path: string; model: ModelIdentity }[];
  sections: ComparisonSection[];
  /** with --fail-if-worse */
  gate?: Gate;
  /** what a reader must know: rows that only one has, other prompts, missing example rows */
  notes: string[];
}

/** One task under one setting and metric: the family over which p-values are corrected. */
export interface ComparisonSection {
  task: string;
  title: string;
  shots: number;
  prompts: string;
  /** of the demonstrations; more than one are taken together */
  seeds: number[];
  metric: string;
  lower_is_better: boolean;
  rows: ComparisonRow[];
  /** all languages, then groups of them; p-values are not corrected */
  pooled: PooledRow[];
  /** how far languages are behind English, relative to it */
  gaps: GapRow[];
}

export interface SystemValue {
  value: number;
  low: number;
  high: number;
  n: number;
  /** standard deviation over seeds, where there are several */
  seed_deviation?: number;
  flags: LabelFlag[];
}

/** A system's change from the baseline. */
export interface Change {
  /** the system's letter */
  system: string;
  /** items that both did; of unpaired rows the smaller sample */
  n: number;
  /** the two means that differ by `difference`: over the items that both did */
  before: number;
  after: number;
  difference: number;
  low: number;
  high: number;
  p: number;
  /** corrected over the section's languages and systems; absent for pooled rows */
  adjusted?: number;
  /** smallest difference that these items show with 80 % power at 5 % */
  detectable: number;
  paired: boolean;
  method: string;
  gained?: number;
  lost?: number;
}

export interface ComparisonRow {
  language: string;
  /** in the order of `systems`; null where a system has no such result */
  values: (SystemValue | null)[];
  chance?: number;
  majority?: number;
  changes: Change[];
}

export interface PooledRow {
  label: string;
  languages: string[];
  changes: Change[];
}

export interface GapRow {
  label: string;
  languages: string[];
  /** one for each system that the row could be computed for */
  systems: ({ system: string; change?: GapEstimate } & GapEstimate)[];
}

/** --fail-if-worse */
export interface Gate {
  /** percentage points */
  points: number;
  significant: boolean;
  failed: boolean;
  worse: { section: string; metric: string; row: string; change: Change }[];
}
