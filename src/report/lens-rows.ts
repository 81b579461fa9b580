import { existsSync } from "node:fs";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type LensFile, type LensRow, type ModelIdentity, modelKey } from "../run/records.ts";
import type { MeasuredModels } from "./models.ts";
import type { Stage } from "./results.ts";

/** The rows of one lens at each stage; none where it was not computed. */
export type StageRows = Record<Stage, LensRow[]>;

/** Reads a lens file of both ends of the study. */
export function readLens(folder: RunFolder, models: MeasuredModels, lens: string): StageRows {
  const rows = (model: ModelIdentity | undefined): LensRow[] => {
    const path = model && folder.lens(modelKey(model), lens);
    return path && existsSync(path) ? readJson<LensFile>(path).rows : [];
  };
  return { before: rows(models.before), after: rows(models.after) };
}

/** The distinct values of a field, in ascending order for numbers and in order of appearance for texts. */
export function distinct<T extends string | number>(values: Iterable<T | undefined>): T[] {
  const found = [...new Set(values)].filter((value) => value !== undefined);
  return typeof found[0] === "number" ? found.sort((a, b) => Number(a) - Number(b)) : found;
}

const preferred = ["mean", "last", "weighted"];

/** Poolings with the trained one first, then the usual order. */
export function orderPoolings(poolings: string[], trained: string | undefined): string[] {
  const rank = (pooling: string) =>
    pooling === trained ? -1 : preferred.includes(pooling) ? preferred.indexOf(pooling) : preferred.length;
  return [...poolings].sort((a, b) => rank(a) - rank(b));
}
