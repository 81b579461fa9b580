import type { DataSource, ModelIdentity } from "../run/records.ts";
import type { Diagnosis } from "./diagnosis-data.ts";
import type { LensSection } from "./lens/section.ts";

/** How a language took part in the alignment. */
export type Group = "pivot" | "aligned" | "unseen";

export interface Language {
  /** ISO 639 code as in the run folder */
  code: string;
  /** English name */
  name: string;
  group: Group;
}

/** A measured value with its 95 % interval; accuracies are fractions. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  n: number;
  /** how often each label was predicted */
  predictions?: Record<string, number>;
}

/** The same examples answered before and after: what changed, as fractions. */
export interface Comparison {
  /** examples answered at both stages */
  n: number;
  difference: number;
  low: number;
  high: number;
  /** wrong before, right after */
  gained: number;
  /** right before, wrong after */
  lost: number;
  /** exact McNemar, two-sided */
  p: number;
  /** the same, Holm-adjusted over the languages of the task; absent for pooled rows */
  adjusted?: number;
  /** smallest difference that this sample detects with 80 % power at 5 % */
  detectable: number;
}

export interface TaskRow {
  language: string;
  before?: Estimate;
  after?: Estimate;
  comparison?: Comparison;
  chance?: number;
  majority?: number;
  /** "at chance", "one label": what a reader must know before believing the number */
  flags: string[];
}

/** Several languages taken together. */
export interface GroupRow {
  group: Group | "others";
  label: string;
  languages: number;
  before?: number;
  after?: number;
  comparison?: Comparison;
}

/** One task under one setting; the unit over which p-values are adjusted. */
export interface TaskSection {
  /** unique in the report, safe as an element id */
  id: string;
  task: string;
  title: string;
  metric: string;
  shots: number;
  seed: number;
  prompts: string;
  /** the metric shown first; the others are in the tables */
  primary: boolean;
  chance?: number;
  rows: TaskRow[];
  groups: GroupRow[];
}

/** How far the other languages are behind English: (English − mean of the others) / English. */
export interface GapRow {
  section: string;
  title: string;
  group: Group | "others";
  label: string;
  before?: Estimate;
  after?: Estimate;
  english: { before?: number; after?: number };
}

/** A value per language that is not an accuracy, such as bits per byte. */
export interface MeasureSection {
  task: string;
  metric: string;
  title: string;
  lowerIsBetter: boolean;
  rows: { language: string; before?: Estimate; after?: Estimate }[];
}

/** One value per layer; null where a layer was not measured. */
export type Profile = (number | null)[];

export interface SimilaritySeries {
  pair: string;
  language: string;
  group: Group;
  metric: string;
  pooling: string;
  before?: { value: Profile; low: Profile; high: Profile };
  after?: { value: Profile; low: Profile; high: Profile };
}

export interface SimilaritySection {
  layers: number[];
  metrics: string[];
  poolings: string[];
  /** what the contrastive objective trained, where it did */
  trained?: { layer: number; pooling: string };
  /** the layer and pooling that the headline quotes */
  quoted: { layer: number; pooling: string };
  /** sentence pairs behind each value */
  n: number;
  series: SimilaritySeries[];
}

export interface PcaFrame {
  stage: "before" | "after";
  pooling: string;
  layer: number;
  /** share of the variance on the two axes */
  explained: [number, number] | null;
  /** per language, coordinates in the order of `sentences`; null where a sentence is absent */
  points: Record<string, { x: Profile; y: Profile }>;
}

export interface PcaSection {
  layers: number[];
  poolings: string[];
  languages: string[];
  /** indices of the sentences shown */
  sentences: number[];
  /** sentences in the file; more than are shown where the file is large */
  total: number;
  trained?: { layer: number; pooling: string };
  frames: PcaFrame[];
}

/** A line of the training chart: one value per entry of `step`. */
export interface Curve {
  name: string;
  title: string;
  unit: string;
  kind: "loss" | "part" | "optimizer" | "metric";
  value: Profile;
}

export interface TrainingSection {
  steps: number;
  /** optimizer steps that one point of a curve averages */
  every: number;
  tokens: number;
  seconds: number;
  tokensPerSecond: number;
  step: number[];
  curves: Curve[];
}

export interface RunSection {
  name: string;
  created: string;
  seed: number;
  version: string;
  notice?: string;
  model: { name: string; family: string; parameters: number; layers: number; width: number; hash: string };
  device: { kind: string; name: string; threads: number; dtype: string };
  versions: Record<string, string>;
  data: DataSource[];
  /** the resolved recipe as YAML */
  recipe: string;
}

/** A before → after number of the first screen. */
export interface Card {
  label: string;
  /** what the number is, in a few words */
  detail: string;
  unit: "percent" | "points" | "bits";
  before?: number;
  after?: number;
  difference?: { value: number; low: number; high: number };
  /** `none` also where the interval of the difference includes zero */
  direction: "better" | "worse" | "none";
  lowerIsBetter: boolean;
}

export interface HeadlineRow {
  measure: string;
  group: string;
  unit: "percent" | "bits";
  before?: number;
  after?: number;
  /** points for accuracies, the metric's own unit otherwise */
  difference?: number;
  low?: number;
  high?: number;
  p?: number;
  n?: number;
}

export interface Verdict {
  title: string;
  details: string[];
}

/** Everything that a report shows. report.json is this document. */
export interface ReportData {
  /** version of this shape */
  format: 1;
  title: string;
  /** one sentence: what was done to which model */
  summary: string;
  verdict: Verdict;
  cards: Card[];
  headline: HeadlineRow[];
  /** what limits the reading of the numbers */
  cautions: string[];
  run?: RunSection;
  models: { before?: ModelIdentity; after?: ModelIdentity; others: ModelIdentity[] };
  groups: Record<Group, string>;
  languages: Language[];
  tasks: TaskSection[];
  gaps: GapRow[];
  bits: MeasureSection[];
  measures: MeasureSection[];
  similarity?: SimilaritySection;
  pca?: PcaSection;
  /** small charts of the lenses, with their tables */
  lenses: LensSection[];
  training?: TrainingSection;
  /** where `diagnose` looked at one model */
  diagnosis?: Diagnosis;
  /** per absent section, one sentence that says why */
  missing: Record<string, string>;
}
