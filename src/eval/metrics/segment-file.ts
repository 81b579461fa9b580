import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { UsageError } from "../../run/errors.ts";
import { findLanguage } from "../../text/languages.ts";
import { filesIn } from "../../text/source.ts";
import { withoutEnd } from "./words.ts";

/**
 * One segment per line, as sacrebleu reads it: lines end at \n only, and white space at their ends does not count. Empty
 * lines stay, since line i of every file is the same segment.
 * @throws UsageError when the file is absent, empty or not UTF-8
 */
export function readSegments(path: string): string[] {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch {
    throw new UsageError(`${path}: expected UTF-8 text. Convert the file.`);
  }
  if (text === "") throw new UsageError(`${path}: expected one segment per line, but the file is empty.`);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(withoutEnd);
}

export interface TranslationFiles {
  hypotheses: string[];
  /** one list per file of references */
  references: string[][];
  sources?: string[];
  baseline?: string[];
}

export interface TranslationPaths {
  hypotheses: string;
  references: readonly string[];
  sources?: string;
  baseline?: string;
}

/**
 * Reads files of which line i is the same segment.
 * @throws UsageError when one has another number of lines than the hypotheses: the common part would score quietly
 */
export function readTranslations({
  hypotheses: path,
  references,
  sources,
  baseline,
}: TranslationPaths): TranslationFiles {
  const hypotheses = readSegments(path);
  const aligned = (other: string): string[] => {
    const lines = readSegments(other);
    if (lines.length === hypotheses.length) return lines;
    const expected = `${other}: expected ${hypotheses.length} lines as in ${path}, received ${lines.length}`;
    throw new UsageError(`${expected}. Line i of every file must be the same segment.`);
  };
  return {
    hypotheses,
    references: references.map(aligned),
    ...(sources !== undefined && { sources: aligned(sources) }),
    ...(baseline !== undefined && { baseline: aligned(baseline) }),
  };
}

/**
 * Plain lines by language from files that are named after languages, such as FLORES' `deu_Latn.dev`, in a folder and its
 * subfolders; other files are left alone.
 */
export function readLanguageSamples(folder: string): Map<string, string[]> {
  const samples = new Map<string, string[]>();
  for (const path of filesIn(folder, 1)) {
    const code = findLanguage(basename(path).split(".")[0]!)?.code;
    if (code === undefined) continue;
    samples.set(code, [...(samples.get(code) ?? []), ...readSegments(path).filter((line) => line !== "")]);
  }
  return samples;
}
