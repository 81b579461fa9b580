import { dirname, join } from "node:path";
import { writeAtomic, writeJson } from "../run/atomic.ts";
import { openRun, type RunFolder } from "../run/folder.ts";
import { lensSchema } from "../run/lens-schema.ts";
import { type LensFile, modelKey } from "../run/records.ts";

/** A chart to be kept beside the files. */
export interface Drawing {
  /** such as `similarity` */
  name: string;
  svg: string;
}

/** The same as `writeLensFiles` for whoever holds the folder's lock. */
export function putLensFiles(
  folder: RunFolder,
  files: readonly LensFile[],
  drawings: readonly Drawing[] = [],
): string[] {
  const written = files.map((file) => folder.lens(modelKey(file.model), file.lens));
  for (const [i, path] of written.entries()) writeJson(path, files[i]);
  const root = dirname(dirname(folder.lens("model", "lens")));
  writeJson(join(root, "schema.json"), lensSchema);
  const charts = drawings.map(({ name }) => join(root, `${name}.svg`));
  for (const [i, path] of charts.entries()) writeAtomic(path, drawings[i]!.svg);
  return [...written, ...charts];
}

/**
 * Writes lens/<model>/<lens>.json of every file, their JSON Schema lens/schema.json and the charts lens/<name>.svg. Returns the paths.
 */
export function writeLensFiles(
  folder: RunFolder,
  files: readonly LensFile[],
  drawings: readonly Drawing[] = [],
): string[] {
  const close = openRun(folder);
  try {
    return putLensFiles(folder, files, drawings);
  } finally {
    close();
  }
}
