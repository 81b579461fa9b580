import type { Generation } from "./options.ts";
import type { Row } from "./row.ts";

/** How many of the last ids may hold a stop string that the newest one completed: each shows at least one byte of it. */
const tailLength = (strings: readonly string[]): number =>
  Math.max(...strings.map((text) => Buffer.byteLength(text))) + 8;

/** Whether a row ends with its newest id: an end id, its limit, or a stop string. */
export async function hasEnded({ ids, limit }: Row, { eosTokenIds, stop }: Generation): Promise<boolean> {
  if (ids.length >= limit || eosTokenIds.includes(ids.at(-1)!)) return true;
  if (stop === undefined || stop.strings.length === 0) return false;
  const tail = await stop.decode(ids.slice(-tailLength(stop.strings)));
  return stop.strings.some((text) => tail.includes(text));
}
