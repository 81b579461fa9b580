/** A value with its interval, and the language's rank by it, 1 for the best. */
export interface Ranked {
  value: number;
  low: number;
  high: number;
  rank: number;
  /** where it was best, of measures by layer */
  layer?: number;
}

/** The measures that languages are ranked by, in the order of the table. */
export const diagnosed = ["fertility", "cost", "bits", "retrieval", "mexa", "accuracy"] as const;
export type Diagnosed = (typeof diagnosed)[number];

export interface DiagnosedLanguage {
  language: string;
  /** mean of its ranks: what the table is sorted by */
  rank: number;
  measures: Partial<Record<Diagnosed, Ranked>>;
  /** layers at which its retrieval lies clearly below that of most other languages */
  apart: number[];
  /** whether retrieval lies above that of shuffled pairs at any layer */
  found: boolean;
}

/** A place for the contrastive objective with its evidence. */
export interface DiagnosedPlace {
  layer: number;
  pooling: string;
  frozen: number;
  aligned: number;
  low: number;
  high: number;
  shuffled: number;
}

/** How a model treats its languages, derived from the files of a run folder. */
export interface Diagnosis {
  languages: DiagnosedLanguage[];
  layers: number[];
  /** what retrieval and MEXA were pooled by */
  poolings: { retrieval: string; mexa: string };
  sentences: number;
  task?: { name: string; items: number; chance?: number };
  /** best first, one per pooling */
  places: DiagnosedPlace[];
  missing: string[];
  seconds: number;
}
