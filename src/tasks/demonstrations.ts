import { createHash } from "node:crypto";
import type { TaskRow } from "./row.ts";

export interface Demonstrations {
  rows: TaskRow[];
  ids: ReadonlySet<string>;
}

export interface DemonstrationOptions {
  task: string;
  labels: readonly string[];
  shots: number;
  seed: number;
}

/**
 * Chooses demonstrations, as many of each label as possible. Each item's rank is a hash of task, seed and id, so that
 * the languages of a parallel task show the same items, whatever else their files contain.
 * @throws Error when a label has too few items
 */
export function demonstrations(pool: readonly TaskRow[], options: DemonstrationOptions): Demonstrations {
  const { task, labels, shots, seed } = options;
  if (shots === 0) return { rows: [], ids: new Set() };
  const rank = (what: string) => createHash("sha256").update(`${task} ${seed} ${what}`).digest("hex");
  const byRank = <Item>(items: readonly Item[], what: (item: Item) => string) =>
    items.map((item) => ({ item, rank: rank(what(item)) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  // which labels come first decides which have one more where the shots do not divide evenly
  const order = byRank(
    labels.map((_, label) => label),
    (label) => `label ${label}`,
  ).map(({ item }) => item);
  const ranked = byRank(pool, ({ id }) => `item ${id}`).map(({ item }) => item);
  const groups = order.map((label) => ranked.filter((row) => row.label === label));
  const chosen = Array.from({ length: shots }, (_, i) => {
    const row = groups[i % groups.length]![Math.floor(i / groups.length)];
    if (row) return row;
    throw new Error(
      `${task}: ${shots} demonstrations need more items labelled ${labels[order[i % groups.length]!]} than the ` +
        `${groups[i % groups.length]!.length} there are. Ask for fewer shots.`,
    );
  });
  const rows = byRank(chosen, ({ id }) => `order ${id}`).map(({ item }) => item);
  return { rows, ids: new Set(rows.map(({ id }) => id)) };
}
