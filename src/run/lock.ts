import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

interface Holder {
  pid: number;
  host: string;
  since: string;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/**
 * Takes the folder's lock file (pid and host); one process writes to a run folder at a time.
 * A lock left by a dead process of this host is taken over. Returns the function that gives it back.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, ".lock");
  const mine: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  for (let attempt = 0; ; attempt++) {
    try {
      const fd = openSync(path, "wx");
      writeSync(fd, JSON.stringify(mine));
      closeSync(fd);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = readHolder(path);
      const abandoned = holder === undefined || (holder.host === mine.host && !isAlive(holder.pid));
      if (!abandoned || attempt > 3) {
        throw new Error(
          `${folder}: another process is writing here (pid ${holder?.pid} on ${holder?.host}, since ${holder?.since}). ` +
            `Wait for it to end, or delete ${path} if you are sure that it is gone.`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  const release = () => {
    if (readHolder(path)?.pid === mine.pid) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}
