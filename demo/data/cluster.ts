import { type Cause, causes, type Effect } from "../world/concepts.ts";
import { causeOf } from "../world/facts.ts";
import type { Item } from "./items.ts";

const causeBehind = (event: Cause | Effect): Cause =>
  (causes as readonly string[]).includes(event) ? (event as Cause) : causeOf(event as Effect);

/** What an item asks about where others ask the same: items on one fact, or on one cause with its effect, are not independent. */
export function clusterOf(item: Item): string | undefined {
  if (item.task === "fact") return `${item.options[0]!.subject} ${item.options[0]!.relation}`;
  if (item.task === "cause") return causeBehind(item.given as Cause | Effect);
  return item.task === "who" ? causeBehind(item.asked as Effect) : undefined;
}
