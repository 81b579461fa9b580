import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** CRC-32C (Castagnoli), reflected: what TensorFlow's record files are checked with. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord masks checksums so that a checksum of data with checksums in it stays sound. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const field = (number: number, wire: number): number[] => varint(number * 8 + wire);
const bytesField = (number: number, body: Uint8Array): Buffer =>
  Buffer.from([...field(number, 2), ...varint(body.length), ...body]);

function float(number: number, value: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeFloatLE(value);
  return Buffer.from([...field(number, 5), ...body]);
}

/** tensorflow.Event: wall_time 1, step 2, file_version 3, summary 5 { value 1 { tag 1, simple_value 2 } } */
function event(wallTime: number, step: number, rest: Uint8Array): Buffer {
  const time = Buffer.alloc(8);
  time.writeDoubleLE(wallTime);
  return Buffer.from([...field(1, 1), ...time, ...field(2, 0), ...varint(step), ...rest]);
}

/** length, its checksum, the data, its checksum */
function framed(data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(data.length));
  const checks = [masked(head), masked(data)].map((crc) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(crc);
    return bytes;
  });
  return Buffer.concat([head, checks[0]!, data, checks[1]!]);
}

/** Scalars for TensorBoard. */
export interface TensorBoardWriter {
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  close(): void;
}

/** Opens a new event file in `folder`; TensorBoard joins the files of a run that was resumed. */
export function openTensorBoard(folder: string): TensorBoardWriter {
  mkdirSync(folder, { recursive: true });
  const seconds = () => Date.now() / 1000;
  const fd = openSync(join(folder, `events.out.tfevents.${Math.floor(seconds())}.${hostname()}.${process.pid}.0`), "a");
  const write = (step: number, rest: Uint8Array) => void writeSync(fd, framed(event(seconds(), step, rest)));
  write(0, bytesField(3, Buffer.from("brain.Event:2")));
  return {
    scalars(step, values) {
      const summary = Object.entries(values).map(([tag, value]) =>
        bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), float(2, value)])),
      );
      write(step, bytesField(5, Buffer.concat(summary)));
    },
    close: () => closeSync(fd),
  };
}
