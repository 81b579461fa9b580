import {
  filesIn,
  isFolder,
  type PlacedRecord,
  readRecords,
  readSource,
  type Source,
  type SourceFile,
} from "../../text/source.ts";
import { type LeftOut, tally } from "../left-out.ts";
import { readParallel } from "../parallel.ts";
import { readReleasedPrompt } from "./template.ts";

/** A question in the source language, and the same question in the target language. */
export interface Question {
  text: string;
  translation: string;
}

export interface Questions {
  /** source language's code → its questions, in the order of the files */
  bySource: Map<string, Question[]>;
  sources: Source[];
  leftOut: LeftOut[];
}

/**
 * Questions in several languages with their translation into one: the released JSON files ({input, answer} with the instruction in
 * the input; files that share their target language are joined by it, so that any of their languages may be the target), or
 * whatever `readParallel` reads (line-aligned files, TSV, JSON rows).
 * @param codes the source languages
 * @throws Error naming a source language that has no question
 */
export function readQuestions(path: string, codes: readonly string[], target: string): Questions {
  const released = releasedFiles(path);
  const questions = released.length > 0 ? fromReleased(released, codes, target) : fromParallel(path, codes, target);
  const absent = codes.filter((code) => !questions.bySource.get(code)?.length);
  if (absent.length === 0) return questions;
  throw new Error(
    `${path}: no questions in ${absent.join(", ")} with their translation into ${target}. Expected the released JSON of ` +
      `those languages${target === "en" ? "" : ` and of ${target}`}, or parallel text such as train.${absent[0]} with train.${target}.`,
  );
}

interface ReleasedFile {
  file: SourceFile;
  records: PlacedRecord[];
}

/** The JSON files that begin with a prompt of the released template. */
function releasedFiles(path: string): ReleasedFile[] {
  const names = (isFolder(path) ? filesIn(path) : [path]).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => {
    const file = readSource(name);
    const records = readRecords(file);
    const { input } = records[0]?.record ?? {};
    return typeof input === "string" && readReleasedPrompt(input) !== undefined ? [{ file, records }] : [];
  });
}

function fromParallel(path: string, codes: readonly string[], target: string): Questions {
  const left = tally();
  const bySource = new Map<string, Question[]>(codes.map((code) => [code, []]));
  const sources: Source[] = [];
  for (const code of codes) {
    const read = readParallel(path, [target, code]);
    for (const { a, b } of read.pairs) bySource.get(code)!.push({ text: b, translation: a });
    sources.push(...read.sources);
    left.count(`${code}-${target}`, "an empty side, or the same text twice", read.skipped);
  }
  return { bySource, sources, leftOut: left.list() };
}

/** Questions by the language that they are translated into in the files, and by that translation. */
type Pool = Map<string, Map<string, string>>;

function fromReleased(files: readonly ReleasedFile[], codes: readonly string[], target: string): Questions {
  const left = tally();
  const sources: Source[] = [];
  /** language of the answers → language of the questions → answer → question */
  const pools = new Map<string, Pool>();
  for (const { file, records } of files) {
    let used = 0;
    const counts = new Map<string, number>();
    for (const placed of records) {
      const row = releasedRow(placed);
      if (!row) {
        left.count("all", "a row without the released instruction, or without answer");
        continue;
      }
      const concerns = codes.includes(row.source) || row.source === target;
      if (!concerns) continue;
      used++;
      // the same answer twice in a file is two questions
      const nth = (counts.get(row.source + row.answer) ?? 0) + 1;
      counts.set(row.source + row.answer, nth);
      const pool = pools.get(row.target) ?? new Map<string, Map<string, string>>();
      const own = pool.get(row.source) ?? new Map<string, string>();
      pools.set(row.target, pool.set(row.source, own.set(`${nth}\n${row.answer}`, row.text)));
    }
    if (used > 0) sources.push(file.source("questions", used));
  }
  const bySource = new Map(codes.map((code) => [code, joined([...pools], code, target)]));
  return { bySource, sources, leftOut: left.list() };
}

function releasedRow({ record }: PlacedRecord) {
  const { input, answer } = record;
  const read = typeof input === "string" ? readReleasedPrompt(input) : undefined;
  return read && typeof answer === "string" ? { ...read, answer } : undefined;
}

/** Questions of `source` with their translation, from the first pool that has both. */
function joined(pools: readonly (readonly [string, Pool])[], source: string, target: string): Question[] {
  for (const [pivot, pool] of pools) {
    const text = (code: string, key: string) =>
      code === pivot ? key.slice(key.indexOf("\n") + 1) : pool.get(code)?.get(key);
    const keys = [...(pool.get(source === pivot ? target : source)?.keys() ?? [])];
    const found = keys.flatMap((key) => {
      const [own, translation] = [text(source, key), text(target, key)];
      return own === undefined || translation === undefined ? [] : [{ text: own, translation }];
    });
    if (found.length > 0) return found;
  }
  return [];
}
