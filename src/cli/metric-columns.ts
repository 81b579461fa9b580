const percent = (value: number): string => (100 * value).toFixed(1);
const three = (value: number): string => value.toFixed(3);
const two = (value: number): string => value.toFixed(2);

/** Column titles of metrics, and how their values are written; accuracies and shares in per cent. */
const known: Readonly<Record<string, readonly [title: string, format: (value: number) => string]>> = {
  acc: ["acc", percent],
  acc_norm: ["norm", percent],
  acc_bytes: ["bytes", percent],
  acc_mutual_info: ["mutual", percent],
  exact_match: ["exact", percent],
  "exact_match,remove_whitespace": ["exact", percent],
  "exact_match,flexible-extract": ["flexible", percent],
  f1: ["f1", percent],
  bleu: ["BLEU", two],
  chrf: ["chrF", two],
  "chrf++": ["chrF++", two],
  ter: ["TER", two],
  bits_per_byte: ["bits/byte", three],
  fertility: ["tokens/word", two],
  truncation: ["cut", percent],
  empty: ["empty", percent],
  copy: ["copied", percent],
  off_target: ["off-target", percent],
  off_target_script: ["script", percent],
  length_ratio: ["length", two],
};

/** What stands above a metric's column. */
export const titleOf = (metric: string): string => known[metric]?.[0] ?? metric;
/** How a metric's values are written. */
export const formatOf = (metric: string) => known[metric]?.[1] ?? three;
