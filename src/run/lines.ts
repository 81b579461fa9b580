import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { writeAtomic } from "./atomic.ts";

/** An append-only JSON Lines file: one record per line, written whole. */
export interface LineWriter {
  append(record: unknown): void;
  /** Forces what was appended to the disk. */
  sync(): void;
  close(): void;
}

/** Reads a JSON Lines file; a torn last line (the writer died in it) is dropped, a broken line elsewhere is an error. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n");
  const torn = lines.pop() ?? "";
  const records = lines.map((line, index) => {
    try {
      return JSON.parse(line) as T;
    } catch {
      throw new Error(`${path}:${index + 1}: expected one JSON record, received ${JSON.stringify(line.slice(0, 60))}.`);
    }
  });
  if (torn !== "") {
    // a complete record whose newline alone is missing still counts
    try {
      records.push(JSON.parse(torn) as T);
    } catch {}
  }
  return records;
}

/** Opens `path` for appending, first cutting it to the records that `keep` accepts (all of them by default). */
export function openLines<T>(path: string, keep: (record: T) => boolean = () => true): LineWriter {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) {
    const kept = readLines<T>(path).filter(keep);
    const text = kept.map((record) => `${JSON.stringify(record)}\n`).join("");
    if (text !== readFileSync(path, "utf8")) writeAtomic(path, text);
  }
  const fd = openSync(path, "a");
  return {
    append(record) {
      const bytes = Buffer.from(`${JSON.stringify(record)}\n`, "utf8");
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
    },
    sync: () => fsyncSync(fd),
    close: () => closeSync(fd),
  };
}
