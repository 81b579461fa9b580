import type { TaskSection } from "./data.ts";

const titles: Record<string, string> = {
  xnli: "XNLI",
  pawsx: "PAWS-X",
  xcopa: "XCOPA",
  xstorycloze: "XStoryCloze",
  xwinograd: "XWinograd",
  mgsm: "MGSM",
  flores: "Parallel sentences", // whoever's: the list of data says
  sib200: "SIB-200",
  xquad: "XQuAD",
};
const metricTitles: Record<string, string> = {
  acc: "accuracy",
  acc_norm: "accuracy, length-normalised",
  acc_bytes: "accuracy, by bytes",
  acc_mutual_info: "accuracy, mutual information",
  bleu: "BLEU",
  chrf: "chrF",
  "chrf++": "chrF++",
  ter: "TER",
  off_target: "off target",
  exact_match: "exact match",
  bits_per_byte: "bits per byte",
};
/** Metrics where less is more. */
export const lowerIsBetter = new Set([
  "bits_per_byte",
  "perplexity",
  "word_perplexity",
  "byte_perplexity",
  "ter",
  "fertility",
  "truncation",
  "empty",
  "copy",
  "off_target",
  "off_target_script",
]);

/** Metrics that are the share of right answers, in the order in which one is chosen for the charts. */
export const accuracyMetrics = ["acc", "acc_norm", "exact_match", "acc_bytes", "acc_mutual_info"];

/** Figures that say how far to trust those beside them. */
export const besideMetrics = ["fertility", "truncation", "empty", "copy", "off_target_script", "length_ratio"];

/** The name that papers use. */
export const taskTitle = (task: string): string => titles[task] ?? task;
/** A metric in words. */
export const metricTitle = (metric: string): string => metricTitles[metric] ?? metric.replaceAll("_", " ");

/** "XNLI" where the task was evaluated in one setting only, zero-shot; else with its setting. */
export function shortTitle(section: TaskSection, sections: TaskSection[]): string {
  const settings = sections.filter(({ task, primary }) => task === section.task && primary).length;
  return settings === 1 ? section.title.replace(", zero-shot", "") : section.title;
}
