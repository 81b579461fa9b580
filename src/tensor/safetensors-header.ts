import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { type Dtype, dtypeBytes } from "./dtype.ts";
import { headerExcess } from "./safetensors-scan.ts";

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

/** A file's header after every check. */
export interface Header {
  metadata: Record<string, string>;
  entries: ReadonlyMap<string, Entry>;
  /** of the whole file, bytes */
  size: number;
}

/** The format's own limit. */
const maximumHeader = 100_000_000;
const damaged = "The file is damaged; download it or export it again.";

/** A name as a message shows it: short, and without what a terminal would obey. */
const shown = (name: string): string =>
  /^[\w.:/-]{1,200}$/.test(name) ? name : `${JSON.stringify(name.slice(0, 80))}${name.length > 80 ? "…" : ""}`;

/** JSON in a message, cut off. */
const brief = (value: unknown): string => (JSON.stringify(value) ?? "absent").slice(0, 80);

function readAt(fd: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const read = readSync(fd, bytes, done, length - done, position + done);
    if (read === 0) return bytes.subarray(0, done);
    done += read;
  }
  return bytes;
}

function readText(path: string): { text: Buffer; size: number } {
  // a pipe would wait for ever, a device never end
  if (!statSync(path).isFile()) throw new Error(`${path}: expected a safetensors file, found something else.`);
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (size < 8)
      throw new Error(`${path}: expected a safetensors file, it has only ${size} bytes. Download it again.`);
    const length = readAt(fd, 8, 0).readBigUInt64LE();
    if (length > maximumHeader || 8n + length > size)
      throw new Error(
        `${path}: the header claims ${length} bytes, the file has ${size}${length > maximumHeader ? `, and the format allows ${maximumHeader}` : ""}. It is truncated or not a safetensors file; download it again.`,
      );
    return { text: readAt(fd, Number(length), 8), size };
  } finally {
    closeSync(fd);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(path: string, text: Buffer): Record<string, unknown> {
  const excess = headerExcess(text);
  if (excess !== undefined) throw new Error(`${path}: the header has ${excess}. ${damaged}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw new Error(`${path}: the header is not JSON in UTF-8. ${damaged}`);
  }
  if (!isObject(header)) throw new Error(`${path}: expected the header to be a JSON object, it is ${brief(header)}.`);
  return header;
}

function readMetadata(path: string, raw: unknown): Record<string, string> {
  if (raw === undefined || raw === null) return {};
  if (!isObject(raw) || !Object.values(raw).every((value) => typeof value === "string"))
    throw new Error(`${path}: expected __metadata__ to be an object of texts, it is ${brief(raw)}. ${damaged}`);
  return raw as Record<string, string>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(path: string, name: string, raw: unknown, data: number, size: number): Entry {
  const where = `${path}: tensor ${shown(name)}`;
  if (!isObject(raw)) throw new Error(`${where} is ${brief(raw)}; expected its dtype, shape and data_offsets.`);
  const { dtype: code, shape, data_offsets: offsets } = raw;
  const dtype = typeof code === "string" && Object.hasOwn(fileDtypes, code) ? fileDtypes[code] : undefined;
  if (dtype === undefined)
    throw new Error(
      `${where} has type ${typeof code === "string" ? shown(code) : brief(code)}; expected one of ${Object.keys(fileDtypes).join(", ")}. Quantised weights are not read; take the model they were made from.`,
    );
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw new Error(`${where} has shape ${brief(shape)}; expected a list of whole numbers from 0. ${damaged}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw new Error(`${where} has offsets ${brief(offsets)}; expected [start, end] in bytes. ${damaged}`);
  const [from, to] = offsets as [number, number];
  // element counts beyond 2⁵³ lose digits, also where a later 0 makes the product small again
  let needed = dtypeBytes(dtype);
  for (const n of shape as number[]) {
    needed *= n;
    if (!Number.isSafeInteger(needed)) throw new Error(`${where} has shape ${brief(shape)}: too large. ${damaged}`);
  }
  if (to - from !== needed)
    throw new Error(
      `${where} ${code} [${shape.join(" ")}] needs ${needed} bytes, its offsets give ${to - from}. ${damaged}`,
    );
  if (data + to > size)
    throw new Error(`${where} ends at byte ${data + to}, the file has ${size}. It is truncated; download it again.`);
  return { dtype, shape: shape as number[], start: data + from, end: data + to };
}

/** The format wants every byte to belong to one tensor: a hole or an overlap means that something else is stored than is said. */
function checkLayout(path: string, entries: ReadonlyMap<string, Entry>, data: number, size: number): void {
  const ordered = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let [end, before] = [data, ""];
  for (const [name, entry] of ordered) {
    if (entry.start < end) throw new Error(`${path}: tensors ${shown(before)} and ${shown(name)} overlap. ${damaged}`);
    if (entry.start > end)
      throw new Error(
        `${path}: bytes ${end} to ${entry.start}, in front of tensor ${shown(name)}, belong to no tensor. ${damaged}`,
      );
    [end, before] = [entry.end, name];
  }
  if (end !== size) throw new Error(`${path}: the tensors end at byte ${end}, the file has ${size}. ${damaged}`);
}

/**
 * Reads and checks the header of a safetensors file; the data stays untouched.
 * Source of the rules: the format's description in huggingface/safetensors, and what its Rust reader refuses.
 * @throws Error naming the file and what is wrong with it
 */
export function readHeader(path: string): Header {
  const { text, size } = readText(path);
  const { __metadata__: metadata, ...tensors } = parse(path, text);
  const data = 8 + text.length;
  const entries = new Map(
    Object.entries(tensors).map(([name, raw]) => [name, checkEntry(path, name, raw, data, size)] as const),
  );
  checkLayout(path, entries, data, size);
  return { metadata: readMetadata(path, metadata), entries, size };
}
