import { existsSync } from "node:fs";
import { dirname, relative } from "node:path";
import { language } from "../text/languages.ts";
import { filesIn, isFolder, type Source } from "../text/source.ts";
import { languagesInName } from "./files.ts";
import { alignedPairs, type FilePairs, jsonPairs, tsvPairs } from "./parallel-files.ts";
import type { SentencePair } from "./sentence-pair.ts";

export interface ParallelText {
  pairs: SentencePair[];
  /** pairs left out because a side is empty, or because both sides are the same text */
  skipped: number;
  sources: Source[];
}

/**
 * Reads sentence pairs of a pivot (the first language) with each of the others, from a folder, one file, or the common
 * beginning of two line-aligned files. Understands TSVs named or headed by languages, `name.en` with `name.de`, and
 * JSON rows with `translation`, `anchor`/`positive`, `sent0`/`sent1` or one field per language.
 * `limit` takes that many pairs per language from the top.
 * @throws Error when a language is unknown or has no text there, or a file is not what its name says
 */
export function readParallel(
  path: string,
  spellings: readonly string[],
  options: { limit?: number | undefined } = {},
): ParallelText {
  const wanted = [...new Set(spellings.map((spelling) => language(spelling)))];
  if (wanted.length < 2)
    throw new Error(
      `Parallel text needs two or more languages, the pivot first; got ${spellings.join(", ") || "none"}.`,
    );
  const files = candidates(path);
  const parts = [...tsvPairs(files, wanted), ...alignedPairs(files, wanted), ...jsonPairs(files, wanted)];
  const result = collect(parts, options.limit ?? Number.POSITIVE_INFINITY);
  const pivot = wanted[0]!.code;
  for (const { code } of wanted.slice(1))
    if (!parts.some(({ pairs }) => pairs.some(({ languages }) => languages[1] === code)))
      throw nothingFound(path, pivot, code, files);
  return result;
}

/** The files that the path means; a file brings those beside it that differ only in the language. */
function candidates(path: string): string[] {
  if (isFolder(path)) return filesIn(path, 2);
  const beside = isFolder(dirname(path)) ? filesIn(dirname(path)) : [];
  if (existsSync(path)) {
    const rests = new Set(languagesInName(path).map(({ rest }) => rest));
    return beside.filter((other) => other === path || languagesInName(other).some(({ rest }) => rests.has(rest)));
  }
  const found = beside.filter((other) => other.startsWith(`${path}.`));
  if (found.length > 0) return found;
  throw new Error(`${path}: there is no such file or folder, and no files named ${path}.<language> either.`);
}

function collect(parts: readonly FilePairs[], limit: number): ParallelText {
  const result: ParallelText = { pairs: [], skipped: 0, sources: parts.flatMap(({ sources }) => sources) };
  const counts = new Map<string, number>();
  for (const { pairs } of parts)
    for (const pair of pairs) {
      const count = counts.get(pair.languages[1]) ?? 0;
      if (count >= limit) continue;
      if (pair.a.trim() === "" || pair.b.trim() === "" || pair.a === pair.b) result.skipped++;
      else {
        result.pairs.push(pair);
        counts.set(pair.languages[1], count + 1);
      }
    }
  return result;
}

function nothingFound(path: string, pivot: string, other: string, files: readonly string[]): Error {
  const names = files.slice(0, 6).map((file) => relative(path, file) || file);
  return new Error(
    `${path}: no pairs of ${pivot} with ${other}. Expected ${pivot}-${other}.tsv (in any spelling), a TSV with a header ` +
      `of languages, line-aligned files such as train.${pivot} and train.${other}, or JSON rows; ` +
      `found ${names.join(", ") || "no files"}${files.length > 6 ? ` and ${files.length - 6} more` : ""}.`,
  );
}
