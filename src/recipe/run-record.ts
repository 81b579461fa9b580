import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../run/errors.ts";
import type { DataSource, RunRecord } from "../run/records.ts";
import { deviceName, resolveDevice, threads, torchVersion } from "../tensor/index.ts";
import type { Recipe } from "./schema.ts";

interface Package {
  version: string;
  dependencies: Record<string, string>;
}

export const readPackage = (): Package =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Package;

/** run.json of a recipe that is about to run. */
export function makeRunRecord(recipe: Recipe, model: RunRecord["model"], data: DataSource[]): RunRecord {
  const { version, dependencies } = readPackage();
  const device = resolveDevice(recipe.device);
  return {
    interlingua: version,
    name: recipe.name,
    created: new Date().toISOString(),
    seed: recipe.seed,
    recipe,
    versions: {
      node: process.version,
      torch: torchVersion(),
      tokenizers: dependencies.tokenizers ?? "",
      platform: `${process.platform}-${process.arch}`,
    },
    device: { kind: device, name: deviceName(device), threads: threads(), dtype: recipe.dtype },
    model,
    data,
    ...(recipe.notice !== undefined && { notice: recipe.notice }),
  };
}

function changedKeys(was: unknown, now: unknown, path: string): string[] {
  if (isDeepStrictEqual(was, now)) return [];
  if (typeof was !== "object" || typeof now !== "object" || was === null || now === null) return [path];
  const keys = new Set([...Object.keys(was), ...Object.keys(now)]);
  return [...keys].flatMap((key) =>
    changedKeys(
      (was as Record<string, unknown>)[key],
      (now as Record<string, unknown>)[key],
      path === "" ? key : `${path}.${key}`,
    ),
  );
}

/** Refuses to continue a run with another recipe: its results would belong to neither. */
export function checkSameRecipe(record: RunRecord, recipe: Recipe, folder: string): void {
  // through JSON, as run.json went
  const changed = changedKeys(record.recipe, JSON.parse(JSON.stringify(recipe)), "");
  if (changed.length > 0)
    throw new UsageError(
      `${folder}: --resume continues the same recipe, but these keys differ: ${changed.join(", ")}. Restore them, or start a new run (--set name=…).`,
    );
}
