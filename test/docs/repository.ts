import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every file that a clone has: tracked, or new and not ignored. */
const files = new Set(
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(root, path))),
);

const folders = new Set(
  [...files].flatMap((path) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))),
);

const plain = (path: string): string => path.replace(/^\.\//, "").replace(/\/$/, "");

/** Whether a clone has this file or folder, before anything is built or run. */
export const inClone = (path: string): boolean => path === "." || files.has(plain(path)) || folders.has(plain(path));

export const filesBelow = (folder: string): string[] => [...files].filter((path) => path.startsWith(folder));

export const packageScripts = (workspace?: string): Record<string, string> =>
  (
    JSON.parse(readFileSync(join(root, workspace ?? "", "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    }
  ).scripts;
