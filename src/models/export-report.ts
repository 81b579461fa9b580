import type { Dtype, Tensor } from "../tensor/index.ts";
import type { Model } from "./model.ts";
import { compareOutputs, largestMagnitude, type Probe, type ProbeDifference, probeOutputs } from "./probe.ts";

/** Relative to the largest logit. */
export interface Difference {
  relative_difference: number;
  tolerance: number;
}

/** export_report.json: what was written, and how it compares. Fields with `relative` are relative to the largest logit. */
export interface ExportReport extends Difference {
  base: { weights_sha256: string };
  /** compared are its states, where others have logits */
  encoder: boolean;
  adapter?: {
    weights_sha256: string;
    /** layers that an update was folded into, and modules that the adapter brought whole */
    layers: number;
    modules: string[];
    /** what the adapter changes on the probes */
    relative_effect: number;
    /** adapter active against merged, both in float32 and in memory */
    merge: Difference;
  };
  written: {
    weights_sha256: string;
    files: string[];
    tensors: number;
    parameters: number;
    bytes: number;
    dtype: Dtype;
    tied_head: boolean;
    /** matrices that rounding to their type on disk changed */
    rounded: number;
  };
  /** the folder, loaded again, against the rounded weights in memory */
  reloaded: Difference;
  /** by how much a relative error of all weights, drawn at random, moves the outputs; what the tolerances are made of */
  sensitivity: number;
  /** the folder, loaded again, against the model in memory with its adapter active */
  probes: ProbeDifference[];
  largest_logit: number;
  largest_difference: number;
  tolerance_source: "derived" | "given";
  warnings: string[];
}

/** The outputs of a model for all probes; the caller disposes them. */
export const outputsOf = (model: Model, probes: readonly Probe[]): Tensor[] => [...probeOutputs(model, probes)];

/** How outputs that were kept compare with others. */
export interface Comparison {
  differences: ProbeDifference[];
  largest: number;
  /** largest of the kept logits */
  logit: number;
  /** largest difference over largest logit; not a number stays one, and no tolerance lets it pass */
  relative: number;
}

function summarize(differences: ProbeDifference[], kept: readonly Tensor[]): Comparison {
  const largest = Math.max(...differences.map((entry) => entry.largest_difference));
  const logit = Math.max(...kept.map(largestMagnitude));
  return { differences, largest, logit, relative: largest / logit };
}

/** Compares outputs that were kept with others that were. */
export const compareKept = (kept: readonly Tensor[], others: readonly Tensor[], probes: readonly Probe[]): Comparison =>
  summarize(
    probes.map((probe, i) => compareOutputs(probe, kept[i]!, others[i]!)),
    kept,
  );

/** Compares outputs that were kept with a model's of now, one by one, so that only one of these is in memory. */
export function compareWith(kept: readonly Tensor[], model: Model, probes: readonly Probe[]): Comparison {
  const differences: ProbeDifference[] = [];
  for (const now of probeOutputs(model, probes)) {
    const i = differences.length;
    differences.push(compareOutputs(probes[i]!, kept[i]!, now));
    now.dispose();
  }
  return summarize(differences, kept);
}

function accept(what: string, { relative_difference: difference, tolerance }: Difference): void {
  if (difference <= tolerance) return;
  throw new Error(
    `${what} logits differ by ${difference.toExponential(1)} of the largest logit; at most ${tolerance.toExponential(1)} is accepted. Nothing was exported.`,
  );
}

/** Throws where a difference is above its tolerance. */
export function judge(report: Omit<ExportReport, "warnings">): void {
  if (report.adapter !== undefined) accept("The merged and the adapted model's", report.adapter.merge);
  accept("The exported folder's and the rounded model's", report.reloaded);
  accept("The exported and the original model's", report);
}

/** What a reader of the export must know, although it passed. */
export function warningsOf({
  adapter,
  relative_difference: difference,
  written,
}: Omit<ExportReport, "warnings">): string[] {
  if (adapter === undefined) return [];
  const { relative_effect: effect, merge } = adapter;
  if (effect <= merge.tolerance) return ["The adapter changes nothing on the probes beyond rounding. Was it trained?"];
  const share = ((100 * difference) / effect).toFixed(0);
  return difference > effect / 2
    ? [
        `Rounding to ${written.dtype} moves the logits by ${share} % of what the adapter does. Keep --dtype float32, or use the adapter itself.`,
      ]
    : [];
}
