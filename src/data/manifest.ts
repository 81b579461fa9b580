import { readSource, type Source } from "../text/source.ts";

/**
 * sha256 and number of lines of files that no reader has described.
 * @throws Error when a file is absent, empty or not UTF-8
 */
export function manifest(paths: readonly string[], role: string): Source[] {
  return paths.map((path) => {
    const file = readSource(path);
    return file.source(role, file.lines.length);
  });
}
