import { existsSync } from "node:fs";
import { extname } from "node:path";
import { filesIn, isFolder } from "../../text/source.ts";
import type { DataFile } from "./data-file.ts";
import { readDataFile } from "./read-data-file.ts";

/** Files that hold no text of the layouts that are read. */
const unread = [".gz", ".zip", ".parquet", ".safetensors", ".md", ".html", ".pdf", ".png"];

/**
 * Every file of training data in paths and folders, read as far as it can be.
 * @throws Error when a path does not exist or holds no file
 */
export function dataFiles(paths: readonly string[]): DataFile[] {
  const names = [...new Set(paths)].flatMap((path) => {
    if (!existsSync(path)) throw new Error(`${path}: there is no such file or folder.`);
    const found = isFolder(path) ? filesIn(path, 3).filter((name) => !unread.includes(extname(name))) : [path];
    if (found.length === 0) throw new Error(`${path}: the folder has no file that could be training data.`);
    return found;
  });
  return names.map(readDataFile);
}
