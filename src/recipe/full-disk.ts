import type { RunFolder } from "../run/folder.ts";

/** What writing on a full disk ended with, said so that it helps; other errors as they are. */
export function fullDisk(error: unknown, { path }: RunFolder): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOSPC") return error;
  const message = `${path}: the disk is full. Free some space, then continue with --resume; complete checkpoints are untouched.`;
  return new Error(message, { cause: error });
}
