import type { ResultRow } from "../run/records.ts";
import { type PairedItem, pairedChange } from "../stats/paired-change.ts";
import { mean } from "../stats/spread.ts";
import { estimateChange, meanChange, proportionChange, type UnpairedChange } from "../stats/unpaired.ts";
import type { Change } from "./compare-data.ts";
import { accuracyMetrics } from "./titles.ts";

/** A change over items that both systems did. */
export function changeOfItems(system: string, items: readonly PairedItem[]): Change {
  const { method, n, difference, low, high, p, detectable, gained, lost } = pairedChange(items);
  const before = mean(items.map((item) => item.before));
  const after = mean(items.map((item) => item.after));
  return { system, n, before, after, difference, low, high, p, detectable, paired: true, method, gained, lost };
}

/** A change between two results of which the answers are not at hand: the samples are taken as independent. */
export function changeOfResults(system: string, before: ResultRow, after: ResultRow): Change {
  const isProportion = accuracyMetrics.includes(before.metric);
  const tested = isProportion ? proportionChange(before, after) : estimateChange(before, after);
  return unpaired(system, tested, before.value, after.value, Math.min(before.n, after.n));
}

/** The mean of changes that could not be paired. */
export function meanOfChanges(system: string, changes: readonly Change[]): Change {
  const before = mean(changes.map((change) => change.before));
  const after = mean(changes.map((change) => change.after));
  const n = changes.reduce((sum, change) => sum + change.n, 0);
  return unpaired(system, meanChange(changes), before, after, n);
}

function unpaired(system: string, tested: UnpairedChange, before: number, after: number, n: number): Change {
  const { difference, low, high, p, detectable } = tested;
  return { system, n, before, after, difference, low, high, p, detectable, paired: false, method: "unpaired z" };
}
