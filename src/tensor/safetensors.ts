import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { dtypeBytes } from "./dtype.ts";
import * as ops from "./ops.ts";
import { type Entry, readHeader } from "./safetensors-header.ts";
import type { Tensor } from "./tensor.ts";

/** A safetensors file whose header was read and checked; tensors are mapped when they are asked for. */
export interface SafetensorsFile {
  path: string;
  metadata: Record<string, string>;
  entries: ReadonlyMap<string, Entry>;
  /** The tensor as stored: a view of the mapped file, or a copy where its offset is not aligned to its type. */
  get(name: string): Tensor;
  /** Lets go of the mapping, which lasts as long as tensors that are views of it; a later `get` maps anew. */
  close(): void;
}

/** Opens a safetensors file: the header is checked (sizes, types, overlaps) before any byte is used. */
export function openSafetensors(path: string): SafetensorsFile {
  const { metadata, entries, size } = readHeader(path);
  let mapped: Tensor | undefined;
  return {
    path,
    metadata,
    entries,
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`${path}: no tensor ${name}.`);
      if (entry.end === entry.start) return ops.empty(entry.shape, entry.dtype);
      if (mapped === undefined) {
        const map = ops.fromFile(path, size);
        mapped = map.retain(); // the mapping outlives the scope it is first asked in
        map.dispose();
      }
      const bytes = ops.narrow(mapped, 0, entry.start, entry.end - entry.start);
      const aligned = entry.start % dtypeBytes(entry.dtype) === 0 ? bytes : ops.clone(bytes);
      return ops.view(entry.dtype === "uint8" ? aligned : ops.viewAs(aligned, entry.dtype), entry.shape);
    },
    close() {
      mapped?.dispose();
      mapped = undefined;
    },
  };
}

/** sha256 over names, types, shapes and bytes of all tensors of some files, in the order of their names: equal weights, equal hash. */
export function hashSafetensors(paths: readonly string[]): string {
  const hash = createHash("sha256");
  const all = paths.flatMap((path) =>
    [...openSafetensors(path).entries].map(([name, entry]) => ({ path, name, entry })),
  );
  all.sort((a, b) => (a.name < b.name ? -1 : 1));
  const buffer = Buffer.alloc(1 << 20);
  for (const { path, name, entry } of all) {
    hash.update(`${name}\0${entry.dtype}\0${entry.shape.join(",")}\0`);
    const fd = openSync(path, "r");
    try {
      for (let at = entry.start; at < entry.end; ) {
        const read = readSync(fd, buffer, 0, Math.min(buffer.length, entry.end - at), at);
        if (read === 0) throw new Error(`${path}: the file ended while tensor ${name} was read.`);
        hash.update(buffer.subarray(0, read));
        at += read;
      }
    } finally {
      closeSync(fd);
    }
  }
  return hash.digest("hex");
}
