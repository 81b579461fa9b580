import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { addon } from "./addon.ts";
import { dtypeBytes } from "./dtype.ts";
import { fileDtypes } from "./safetensors-header.ts";
import { scope, type Tensor } from "./tensor.ts";

const codes = new Map(Object.entries(fileDtypes).map(([code, dtype]) => [dtype, code]));

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}

function makeHeader(tensors: ReadonlyMap<string, Tensor>, metadata: Record<string, string>): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const bytes = tensor.shape.reduce((product, n) => product * n, dtypeBytes(tensor.dtype));
    header[name] = { dtype: codes.get(tensor.dtype), shape: tensor.shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = Buffer.from(JSON.stringify(header), "utf8");
  // spaces fill the header up, so that every tensor lies on a multiple of 8 bytes as far as the types allow
  return Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
}

/**
 * Writes tensors to one safetensors file: to a temporary name, synced, then renamed, so that `path` is old or whole.
 * The metadata `{"format": "pt"}` is what transformers asks for.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = { format: "pt" },
): void {
  mkdirSync(dirname(path), { recursive: true });
  // widest types first keep the others aligned
  const ordered = new Map(
    [...tensors].sort(([a, x], [b, y]) => dtypeBytes(y.dtype) - dtypeBytes(x.dtype) || (a < b ? -1 : 1)),
  );
  const header = makeHeader(ordered, metadata);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  const fd = openSync(temporary, "wx");
  try {
    writeAll(fd, length);
    writeAll(fd, header);
    for (const tensor of ordered.values()) scope(() => writeAll(fd, addon().rawBytes(tensor.id)));
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, path);
}
