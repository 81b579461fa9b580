/** What aligning gave where it was measured. */
export interface MeasuredGain {
  model: string;
  /** what was trained, and where */
  setting: string;
  pairs: number;
  languages: string;
  measure: string;
  before: number;
  after: number;
  /** file of this project with the table and its command */
  source: string;
}

const model = "XGLM, 8 blocks, 10.5 M parameters";
const retrieval = { model, measure: "retrieval P@1" } as const;
const alone = { ...retrieval, pairs: 3840, source: "docs/lenses.md" } as const;
const whole = { ...retrieval, pairs: 9600, source: "docs/results.md" } as const;

/** Everything that was measured so far; readers must see how small the model was. */
export const measuredGains: readonly MeasuredGain[] = [
  {
    ...whole,
    setting: "AFP (contrastive and instructions), layer 4, mean",
    languages: "ten aligned",
    before: 0.023,
    after: 0.122,
  },
  { ...whole, setting: "the same", languages: "Arabic, without pairs", before: 0.005, after: 0.005 },
  { ...alone, setting: "contrastive alone, layer 6, weighted", languages: "six aligned", before: 0.037, after: 0.184 },
  { ...alone, setting: "contrastive alone, layer 4, mean", languages: "six aligned", before: 0.03, after: 0.152 },
  {
    ...alone,
    setting: "contrastive alone, layer 4, mean",
    languages: "three without pairs",
    before: 0.013,
    after: 0.048,
  },
  { ...alone, setting: "contrastive alone, layer 1, last", languages: "six aligned", before: 0.073, after: 0.052 },
];

export const gainsCaption =
  "What a few thousand sentence pairs gave where we measured it. These are not forecasts for this model: it may be larger, its languages others, and its text longer. " +
  "Retrieval is not task accuracy, and in the first setting bits per byte of plain text rose from 2.24 to 3.26 in the aligned languages, since nothing replayed plain text.";
