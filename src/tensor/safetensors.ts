import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Dtype, dtypeBytes } from "./dtype.ts";
import * as ops from "./ops.ts";
import type { Tensor } from "./tensor.ts";

/** safetensors' dtype names. */
export const fileDtypes: Record<string, Dtype> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** Where one tensor lies in a file. */
export interface Entry {
  dtype: Dtype;
  shape: readonly number[];
  /** bytes from the start of the file */
  start: number;
  end: number;
}

/** A safetensors file whose header was read and checked; tensors are mapped when they are asked for. */
export interface SafetensorsFile {
  path: string;
  metadata: Record<string, string>;
  entries: ReadonlyMap<string, Entry>;
  /** The tensor as stored: a view of the mapped file, or a copy where its offset is not aligned to its type. */
  get(name: string): Tensor;
}

/** The format's own limit. */
const maximumHeader = 100_000_000;

function readHeader(path: string): { header: Record<string, unknown>; data: number; size: number } {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    const prefix = Buffer.alloc(8);
    if (size < 8 || readSync(fd, prefix, 0, 8, 0) < 8)
      throw new Error(`${path}: expected a safetensors file, it has only ${size} bytes.`);
    const length = Number(prefix.readBigUInt64LE());
    if (length > maximumHeader || 8 + length > size) {
      throw new Error(
        `${path}: the header claims ${length} bytes, the file has ${size}. It is truncated or not a safetensors file; download it again.`,
      );
    }
    const text = Buffer.alloc(length);
    readSync(fd, text, 0, length, 8);
    try {
      return { header: JSON.parse(text.toString("utf8")) as Record<string, unknown>, data: 8 + length, size };
    } catch {
      throw new Error(`${path}: the header is not JSON. The file is damaged; download it again.`);
    }
  } finally {
    closeSync(fd);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(path: string, name: string, raw: unknown, data: number, size: number): Entry {
  const {
    dtype: code,
    shape,
    data_offsets: offsets,
  } = (raw ?? {}) as { dtype?: string; shape?: unknown; data_offsets?: unknown };
  const dtype = fileDtypes[String(code)];
  if (dtype === undefined)
    throw new Error(
      `${path}: tensor ${name} has type ${String(code)}; expected one of ${Object.keys(fileDtypes).join(", ")}.`,
    );
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw new Error(`${path}: tensor ${name} has shape ${JSON.stringify(shape)}.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw new Error(`${path}: tensor ${name} has offsets ${JSON.stringify(offsets)}.`);
  const [from, to] = offsets as [number, number];
  const expected = shape.reduce((product: number, n: number) => product * n, dtypeBytes(dtype));
  if (to - from !== expected)
    throw new Error(
      `${path}: tensor ${name} ${code} [${shape.join(" ")}] needs ${expected} bytes, its offsets give ${to - from}.`,
    );
  if (data + to > size)
    throw new Error(
      `${path}: tensor ${name} ends at byte ${data + to}, the file has ${size}. It is truncated; download it again.`,
    );
  return { dtype, shape, start: data + from, end: data + to };
}

function checkOverlaps(path: string, entries: ReadonlyMap<string, Entry>): void {
  const ordered = [...entries].filter(([, entry]) => entry.end > entry.start).sort(([, a], [, b]) => a.start - b.start);
  for (let i = 1; i < ordered.length; i++) {
    const [previous, current] = [ordered[i - 1]!, ordered[i]!];
    if (current[1].start < previous[1].end)
      throw new Error(`${path}: tensors ${previous[0]} and ${current[0]} overlap. The file is damaged.`);
  }
}

/** Opens a safetensors file: the header is checked (sizes, types, overlaps) before any byte is used. */
export function openSafetensors(path: string): SafetensorsFile {
  const { header, data, size } = readHeader(path);
  const entries = new Map<string, Entry>();
  for (const [name, raw] of Object.entries(header)) {
    if (name !== "__metadata__") entries.set(name, checkEntry(path, name, raw, data, size));
  }
  checkOverlaps(path, entries);
  let mapped: Tensor | undefined;
  return {
    path,
    metadata: (header.__metadata__ ?? {}) as Record<string, string>,
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
