import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Dtype, dtypeBytes } from "../tensor/index.ts";
import { readJsonObject } from "./config.ts";

export const singleFile = "model.safetensors";
export const indexFile = "model.safetensors.index.json";

/** transformers' limit for one file, in bytes. */
export const defaultShardBytes = 5e9;

/** A tensor as it will lie on disk. */
export interface StoredTensor {
  name: string;
  /** its name in the folder that the model is from */
  inBase: string;
  shape: readonly number[];
  dtype: Dtype;
}

export const storedBytes = ({ shape, dtype }: Pick<StoredTensor, "shape" | "dtype">): number =>
  shape.reduce((product, n) => product * n, dtypeBytes(dtype));

/** Fills files up to a size, in order; a single one keeps the plain name. */
function bySize(tensors: readonly StoredTensor[], limit: number): Map<string, string[]> {
  const files: string[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const tensor of tensors) {
    const bytes = storedBytes(tensor);
    if (used + bytes > limit) {
      files.push([]);
      used = 0;
    }
    files.at(-1)!.push(tensor.name);
    used += bytes;
  }
  const five = (n: number) => String(n).padStart(5, "0");
  const name = (i: number) => `model-${five(i + 1)}-of-${five(files.length)}.safetensors`;
  return files.length === 1 ? new Map([[singleFile, files[0]!]]) : new Map(files.map((names, i) => [name(i), names]));
}

/**
 * Which tensor goes to which file: as in `base` where that is in several files, else, and with a `limit`, files of at most that
 * many bytes.
 */
export function planShards(tensors: readonly StoredTensor[], base: string, limit?: number): Map<string, string[]> {
  const index = join(base, indexFile);
  const inOne = existsSync(join(base, singleFile)) || !existsSync(index);
  if (limit !== undefined || inOne) return bySize(tensors, limit ?? defaultShardBytes);
  const map = readJsonObject(index).weight_map as Record<string, string>;
  const last = Object.values(map).sort().at(-1)!;
  const files = new Map<string, string[]>();
  for (const { name, inBase } of tensors) {
    const file = map[inBase] ?? last; // a head that was tied is in no file yet
    files.set(file, [...(files.get(file) ?? []), name]);
  }
  return files;
}

/** The type that most of the weights have. */
export function mainDtype(tensors: Iterable<Pick<StoredTensor, "shape" | "dtype">>): Dtype {
  const bytes = new Map<Dtype, number>();
  for (const tensor of tensors) bytes.set(tensor.dtype, (bytes.get(tensor.dtype) ?? 0) + storedBytes(tensor));
  return [...bytes].sort((a, b) => b[1] - a[1])[0]![0];
}
