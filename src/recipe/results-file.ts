import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeJson } from "../run/atomic.ts";
import { readJson } from "../run/folder.ts";
import type { ModelIdentity, ResultRow, ResultsFile } from "../run/records.ts";
import type { Shard } from "./shard.ts";

export type Check = Record<string, unknown>;

/** What was found, with its place among all that is measured, shards left aside. */
export interface Found {
  rows: { order: number; row: ResultRow }[];
  checks: { order: number; check: Check }[];
}

/** What one of several processes found: eval/<model>/results.shard-<i>-of-<n>.json. */
interface ShardFile extends Found {
  model: ModelIdentity;
}

type Place = Pick<ResultRow, "task" | "language" | "shots" | "seed" | "prompts" | "metric">;

/** What makes two rows the same figure. */
export const placeOf = ({ task, language, shots, seed, prompts, metric }: Place): string =>
  [task, language, shots, seed, prompts, metric].join(" ");

const checkKey = ({ check, task, language, shots, seed, prompts, message }: Check): string =>
  JSON.stringify(
    check === "prompt" || check === "invariance"
      ? [check, task, language, shots, seed, prompts]
      : [check, task, language, message],
  );

/** Puts results behind what the file has of these weights from other commands. */
function merged(path: string, model: ModelIdentity, found: Found): ResultsFile {
  const before = existsSync(path) ? readJson<ResultsFile>(path) : { model, results: [], checks: [] };
  const { results, checks } = inOrder(found);
  const [places, keys] = [new Set(results.map(placeOf)), new Set(checks.map(checkKey))];
  return {
    ...before,
    results: [...before.results.filter((row) => !places.has(placeOf(row))), ...results],
    checks: [...before.checks.filter((check) => !keys.has(checkKey(check))), ...checks],
  };
}

/** What was found in the order of what was asked for; a figure or check that is there twice counts once. */
export function inOrder({ rows, checks }: Found): Pick<ResultsFile, "results" | "checks"> {
  const byOrder = (a: { order: number }, b: { order: number }): number => a.order - b.order;
  const sorted = rows.toSorted(byOrder).map(({ row }) => row);
  const said = checks.toSorted(byOrder).map(({ check }) => check);
  return {
    results: [...new Map(sorted.map((row) => [placeOf(row), row])).values()],
    checks: [...new Map(said.map((check) => [checkKey(check), check])).values()],
  };
}

export function writeResults(path: string, model: ModelIdentity, found: Found): void {
  writeJson(path, merged(path, model, found));
}

const isPart = (name: string): boolean => /^results\.shard-\d+-of-\d+\.json$/.test(name);

/**
 * The same for one shard. Every process writes its own part and then the whole of all parts that it sees, again while others
 * appear: whoever writes last has seen all, without a lock that a job on another machine would have to respect.
 */
export function writeShardResults(path: string, model: ModelIdentity, found: Found, { index, count }: Shard): void {
  const folder = dirname(path);
  writeJson(join(folder, `results.shard-${index}-of-${count}.json`), { model, ...found } satisfies ShardFile);
  const parts = () => readdirSync(folder).filter(isPart).sort();
  for (let seen: string[] = []; seen.join() !== parts().join(); ) {
    seen = parts();
    const files = seen.map((name) => readJson<ShardFile>(join(folder, name)));
    const all: Found = { rows: files.flatMap(({ rows }) => rows), checks: files.flatMap(({ checks }) => checks) };
    writeJson(path, merged(path, model, all));
  }
}
