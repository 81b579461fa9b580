import { existsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../run/atomic.ts";
import { UsageError } from "../run/errors.ts";
import { isFolder } from "../text/source.ts";

/** A file to be written: its name in the folder, and its text in pieces. */
export interface WrittenFile {
  name: string;
  pieces: Iterable<string>;
}

/** @throws UsageError where there is a file in the place of the folder; to be asked before the work begins */
export function checkFolder(path: string): void {
  if (existsSync(path) && !isFolder(path)) throw new UsageError(`--output: expected a folder, but ${path} is a file.`);
}

const bufferSize = 1 << 20;

/** Writes files into a folder, all or none: each gets its name only after the text of every one is on the disk. */
export function writeFiles(folder: string, [file, ...others]: readonly WrittenFile[]): void {
  if (file === undefined) return;
  replaceFile(join(folder, file.name), (fd) => {
    let held = "";
    const flush = () => {
      const bytes = Buffer.from(held, "utf8");
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      held = "";
    };
    for (const piece of file.pieces) {
      held += piece;
      if (held.length >= bufferSize) flush();
    }
    flush();
    writeFiles(folder, others);
  });
}
