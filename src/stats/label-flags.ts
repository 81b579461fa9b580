import type { Interval } from "./intervals.ts";

/** What an accuracy is measured against. */
export interface LabelledAccuracy extends Interval {
  value: number;
  /** accuracy of guessing */
  chance?: number;
  /** how often each label was predicted */
  predictions?: Readonly<Record<string, number>>;
}

export type LabelFlag = "at chance" | "one label";

/** One label takes more than this share of the predictions. */
const oneLabelShare = 0.9;

/** What a reader must know before believing an accuracy: it may be guessing, or the same answer nearly always. */
export function labelFlags({ low, high, chance, predictions = {} }: LabelledAccuracy): LabelFlag[] {
  const counts = Object.values(predictions);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [
    ...(chance !== undefined && low <= chance && chance <= high ? (["at chance"] as const) : []),
    ...(counts.length > 1 && Math.max(...counts) > oneLabelShare * total ? (["one label"] as const) : []),
  ];
}
