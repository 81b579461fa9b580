import { clusterOf } from "../data/cluster.ts";
import { evaluationTasks } from "../data/evaluation.ts";

/** The cluster of every item, by task; an item by itself is one of its own. */
export const clusters: ReadonlyMap<string, readonly string[]> = new Map(
  evaluationTasks().map(({ name, items }) => [name, items.map((item, i) => clusterOf(item) ?? String(i))]),
);
