import { existsSync } from "node:fs";
import type { RunFolder } from "../run/folder.ts";

/** The exported model or adapter of a finished run, or undefined. */
export function exported(folder: RunFolder): { model?: string; adapter?: string } | undefined {
  if (existsSync(folder.model)) return { model: folder.model };
  return existsSync(folder.adapter) ? { adapter: folder.adapter } : undefined;
}
