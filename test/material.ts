import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The folder of shared reference values, data and models; the only place that knows where it is. */
export const sharedFolder = process.env.INTERLINGUA_SHARED ?? join(root, "../shared");

/** Absolute path of a file or folder of the shared material. */
export const shared = (path: string): string => join(sharedFolder, path);

interface SkippableContext {
  skip(reason?: string): void;
}

/** Skips the test, naming what is absent, unless every path of the shared material is there. */
export function needs(context: SkippableContext, ...paths: string[]): void {
  const absent = paths.filter((path) => !existsSync(shared(path)));
  if (absent.length > 0) context.skip(`absent: ${absent.join(", ")} in INTERLINGUA_SHARED (${sharedFolder})`);
}
