import { evaluationTasks } from "../data/evaluation.ts";
import type { Item } from "../data/items.ts";
import { type Cause, causes, type Effect } from "../world/concepts.ts";
import { causeOf } from "../world/facts.ts";

const causeBehind = (event: Cause | Effect): Cause =>
  (causes as readonly string[]).includes(event) ? (event as Cause) : causeOf(event as Effect);

/** What an item asks about: items on one fact, or on one cause with its effect, are not independent. */
function clusterOf(item: Item, index: number): string {
  if (item.task === "fact") return `${item.options[0]!.subject} ${item.options[0]!.relation}`;
  if (item.task === "cause") return causeBehind(item.given as Cause | Effect);
  if (item.task === "who") return causeBehind(item.asked as Effect);
  return String(index);
}

/** The cluster of every item, by task. */
export const clusters: ReadonlyMap<string, readonly string[]> = new Map(
  evaluationTasks().map(({ name, items }) => [name, items.map(clusterOf)]),
);
