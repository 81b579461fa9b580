import type { ReportData } from "./data.ts";

type Present = Pick<ReportData, "tasks" | "gaps" | "bits" | "similarity" | "pca" | "training" | "run">;

/** One honest sentence for every section that has nothing to show. */
export function missingSections(data: Present): Record<string, string> {
  const absent: Record<string, string> = {};
  if (data.tasks.length === 0) absent.accuracy = "No task was evaluated in this run, so there is no accuracy to show.";
  if (data.tasks.length > 0 && data.gaps.length === 0) {
    absent.gap = "The gap to English needs English and at least one other language on the same task.";
  }
  if (!data.similarity)
    absent.similarity = "The similarity lens has not been computed, so retrieval and MEXA are unknown.";
  if (!data.pca) absent.pca = "The PCA lens has not been computed, so there is no map of the sentences.";
  if (data.bits.length === 0) absent.bits = "Bits per byte were not measured in this run.";
  if (!data.training)
    absent.training = "No training step is logged: this run only measures, or it was stopped before the first step.";
  if (!data.run)
    absent.configuration = "run.json is absent: recipe, data, versions and device of these numbers are unknown.";
  return absent;
}
