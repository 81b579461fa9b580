/** A safetensors file, also one that no writer would make. `length` is what the first eight bytes claim. */
export function safetensorsBytes(header: string | Buffer | object, data: Buffer, length?: bigint): Buffer {
  const text = typeof header === "string" || Buffer.isBuffer(header) ? Buffer.from(header) : JSON.stringify(header);
  const bytes = Buffer.from(text);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(bytes.length));
  return Buffer.concat([prefix, bytes, data]);
}

export interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A well-formed file taken apart. */
export function takeApart(file: Buffer): { header: Record<string, HeaderEntry>; data: Buffer } {
  const length = Number(file.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(file.toString("utf8", 8, 8 + length));
  return { header, data: file.subarray(8 + length) };
}

/** A file of some of a file's tensors, by new names. */
export function withTensors(file: Buffer, names: ReadonlyMap<string, string>): Buffer {
  const { header, data } = takeApart(file);
  let offset = 0;
  const chosen: [string, HeaderEntry][] = [];
  const pieces: Buffer[] = [];
  for (const [old, name] of names) {
    const { dtype, shape, data_offsets } = header[old]!;
    const piece = data.subarray(...data_offsets);
    chosen.push([name, { dtype, shape, data_offsets: [offset, offset + piece.length] }]);
    pieces.push(piece);
    offset += piece.length;
  }
  const text = JSON.stringify(Object.fromEntries(chosen));
  return safetensorsBytes(text.padEnd(Math.ceil(text.length / 8) * 8), Buffer.concat(pieces));
}
