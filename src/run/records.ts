/** The shapes of the files in a run folder: the contract between the stages (DESIGN section 4). */

/** Where a number's input came from. */
export interface DataSource {
  /** what it was used for: `parallel`, `instructions`, `text`, `xnli`, `flores200` … */
  role: string;
  path: string;
  sha256: string;
  rows: number;
  language?: string;
  licence?: string;
}

/** A set of weights: `name` is for people, `hash` (sha256 of all tensors) makes sure that results never mix. */
export interface ModelIdentity {
  name: string;
  hash: string;
  /** position in the study: 0 before any training, 1 after the first alignment, … */
  stage: number;
}

/** The folder name of a model in `eval/` and `lens/`. */
export function modelKey(model: Pick<ModelIdentity, "name" | "hash">): string {
  return `${model.name}-${model.hash.slice(0, 12)}`;
}

/** run.json */
export interface RunRecord {
  interlingua: string;
  name: string;
  created: string;
  seed: number;
  /** the recipe after defaults, `--set` and variables were resolved */
  recipe: unknown;
  versions: Record<string, string>;
  device: { kind: string; name: string; threads: number; dtype: string };
  model: {
    name: string;
    path: string;
    hash: string;
    family: string;
    parameters: number;
    layers: number;
    width: number;
  };
  data: DataSource[];
  /** a caution that every reader of the results must see, such as "smoke run" */
  notice?: string;
}

/** log.jsonl: one record per optimizer step. */
export interface StepRecord {
  /** 1-based number of the optimizer step */
  step: number;
  /** non-padding tokens that went through the model in this step */
  tokens: number;
  /** weighted sum of the parts, nats */
  loss: number;
  /** each objective's own loss, unweighted, nats */
  parts: Record<string, number>;
  /** each objective's further figures: `pairs`, `negatives`, `supervised_tokens`, `accuracy` … */
  metrics: Record<string, Record<string, number>>;
  /** where asked for: L2 norm of each objective's own gradient, and the cosines between them by "a ~ b" */
  gradients?: { norms: Record<string, number>; cosines: Record<string, number> };
  lr: number;
  /** L2 norm over all trained parameters before clipping */
  grad_norm: number;
  tokens_per_second: number;
  /** wall time of this step */
  seconds: number;
}

/** One number of results.json. Accuracies and their 95 % interval are fractions 0–1. */
export interface ResultRow {
  task: string;
  language: string;
  shots: number;
  seed: number;
  /** name of the prompt set, "" where a metric has none */
  prompts: string;
  metric: string;
  value: number;
  n: number;
  low: number;
  high: number;
  /** accuracy of answering at random, for accuracies */
  chance?: number;
  /** accuracy of always giving the most frequent label */
  majority?: number;
  /** how often each label was predicted */
  predictions?: Record<string, number>;
}

/** eval/<model>/results.json */
export interface ResultsFile {
  model: ModelIdentity;
  results: ResultRow[];
  checks: Record<string, unknown>[];
}

/** eval/<model>/<task>/<lang>.<k>shot.<seed>.jsonl: one row per example. */
export interface ExampleRow {
  id: string;
  /** what it asks about, where others ask the same: their answers are not independent */
  cluster?: string;
  label: number;
  prediction: number;
  correct: boolean;
  /** prediction when scores are divided by the choice's length in code points */
  prediction_norm: number;
  /** summed log-likelihood of each choice, nats */
  scores: number[];
  /** fingerprint of the prompts and choices that were scored; a row answers no others */
  requests: string;
}

/** One number of a lens file. `layer` counts as Hugging Face does: 0 = embedding output, L = after the final norm. */
export interface LensRow {
  layer: number;
  language?: string;
  /** such as "en-de" */
  pair?: string;
  metric: string;
  value: number;
  low?: number;
  high?: number;
  n?: number;
  /** the same with the pairs shuffled: mean, and 95 % of the shuffles */
  shuffled?: number;
  shuffled_low?: number;
  shuffled_high?: number;
  pooling?: string;
  /** index of the sentence, for coordinates; parallel sentences share it */
  sentence?: number;
  /** 1-based, for `explained_variance` */
  component?: number;
  /** ISO 15924 code of the tokens counted, or "bytes", "special", "none" */
  script?: string;
  /** language of the tokens counted, or "shared", "unseen" */
  token_language?: string;
  /** a token as people can read it */
  token?: string;
  /** index of a neuron in its block's feed-forward layer */
  neuron?: number;
  /** language whose neurons were switched off */
  deactivated?: string;
}

/** lens/<model>/<lens>.json */
export interface LensFile {
  lens: string;
  model: ModelIdentity;
  /** how the lens was asked to look */
  settings?: Record<string, unknown>;
  /** what it read */
  data?: DataSource[];
  rows: LensRow[];
}
