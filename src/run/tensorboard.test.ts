import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { crc32c, openTensorBoard } from "./tensorboard.ts";

test("CRC-32C of RFC 3720's examples", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

test("an event file is a row of framed events that begins with its version", () => {
  const folder = join(folderWith(), "tensorboard");
  const writer = openTensorBoard(folder);
  writer.scalars(300, { "train/loss": 2.5, "train/grad_norm": 0.25 });
  writer.close();
  const [name] = readdirSync(folder);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\..+\.\d+\.0$/);
  const bytes = readFileSync(join(folder, name!));
  const events: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    events.push(bytes.subarray(at + 12, at + 12 + length));
    at += 12 + length + 4;
  }
  expect(events).toHaveLength(2);
  expect(events[0]!.toString("latin1")).toContain("brain.Event:2");
  // step 300 as a varint behind the wall time
  expect([...events[1]!.subarray(9, 12)]).toEqual([0x10, 0xac, 0x02]);
  const loss = Buffer.from([0x15, 0, 0, 0x20, 0x40]); // simple_value 2.5
  expect(events[1]!.includes(Buffer.concat([Buffer.from("train/loss"), loss]))).toBe(true);
});
