import type { ExampleRow, ResultRow } from "../run/records.ts";
import type { PairedItem } from "../stats/paired-change.ts";
import type { ComparedSystem } from "./compare-system.ts";

/** What a row of answers scored by a metric, or undefined where it does not say: accuracies count 0 or 1. */
function scoreOf(row: ExampleRow, metric: string): number | undefined {
  if (metric === "acc") return Number(row.correct);
  const { prediction_norm, prediction_bytes } = row as ExampleRow & { prediction_bytes?: number };
  const prediction = metric === "acc_norm" ? prediction_norm : metric === "acc_bytes" ? prediction_bytes : undefined;
  if (prediction !== undefined) return Number(prediction === row.label);
  // graded answers carry their scores under the metrics' names
  const value = (row as unknown as Record<string, unknown>)[metric];
  return typeof value === "number" || typeof value === "boolean" ? Number(value) : undefined;
}

/** An item's score, and its right answer by which the item is known to be the same elsewhere. */
interface Item {
  score: number;
  label: number;
  cluster?: string | undefined;
}

/** By item, of one language and seed. */
export type Items = ReadonlyMap<string, Item>;

/** Ratios of sums, which are not the means of their lines. */
const ratios = ["bits_per_byte"];

/** Whether a figure is that of these answers: a file can hold those of another command with other prompts or another limit. */
function isOf({ metric, value, n }: ResultRow, items: Items): boolean {
  if (items.size !== n) return false;
  const mean = [...items.values()].reduce((sum, { score }) => sum + score, 0) / n;
  return ratios.includes(metric) || Math.abs(mean - value) < 1e-6;
}

/** The answers behind a figure; none where they are not at hand, or not those that gave it. */
export function itemsOf(system: ComparedSystem, row: ResultRow): Items {
  const items = new Map<string, Item>();
  for (const example of system.examples(row)) {
    const score = scoreOf(example, row.metric);
    if (score !== undefined) items.set(example.id, { score, label: example.label, cluster: example.cluster });
  }
  return isOf(row, items) ? items : new Map();
}

/** Of the ids that two systems share, this share may have another right answer before they are held to be other items. */
const mostRelabelled = 0.1;

/**
 * Ids of the items that all systems did: an id with two right answers is not one item, and where many are like that none
 * is, since the ids are of different data.
 */
export function sameItems(systems: readonly Items[]): string[] {
  const [first, ...others] = systems;
  const shared = [...first!.keys()].filter((id) => others.every((items) => items.has(id)));
  const same = shared.filter((id) => others.every((items) => items.get(id)!.label === first!.get(id)!.label));
  return same.length >= (1 - mostRelabelled) * shared.length ? same : [];
}

/** Items that both did, under the seed that both drew; those of a cluster belong together. */
export function pairItems(before: Items, after: Items): PairedItem[] {
  return sameItems([before, after]).map((id) => {
    const [first, second] = [before.get(id)!, after.get(id)!];
    return { id: first.cluster ?? id, before: first.score, after: second.score };
  });
}

/** How many ids two files of answers share, and of these how many have another right answer or were asked otherwise. */
export function sharedItems(
  before: readonly ExampleRow[],
  after: readonly ExampleRow[],
): { shared: number; relabelled: number; askedOtherwise: number } {
  const known = new Map(before.map((row) => [row.id, row]));
  const shared = after.filter(({ id }) => known.has(id));
  const [same, relabelled] = [true, false].map((alike) =>
    shared.filter(({ id, label }) => (known.get(id)!.label === label) === alike),
  ) as [ExampleRow[], ExampleRow[]];
  const asked = same.filter(({ id, requests }) => known.get(id)!.requests !== requests);
  return { shared: shared.length, relabelled: relabelled.length, askedOtherwise: asked.length };
}
