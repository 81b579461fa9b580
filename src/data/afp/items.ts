import { existsSync } from "node:fs";
import { join } from "node:path";
import { language } from "../../text/languages.ts";
import { isFolder, type PlacedRecord, readRecords, readSource, type Source } from "../../text/source.ts";

/** A record of Bactrian-X; what is null or absent in the file is undefined. */
export interface Item {
  id: string | number;
  /** file and record, for messages */
  place: string;
  instruction: string | undefined;
  input: string | undefined;
  output: string | undefined;
}

/** The items of several languages, in their files' order. */
export interface ItemFiles {
  codes: readonly string[];
  /** Reads a language's file; of a few languages it is kept, of many read again, as 52 do not fit into memory. */
  read(code: string): readonly Item[];
  /** the files that were read */
  sources(): Source[];
}

const keptLanguages = 6;

/**
 * Bactrian-X style files of a folder: `<code>.json`, also by ISO 639-3 or FLORES code and as .jsonl.
 * @throws Error naming the language that has none
 */
export function itemFiles(folder: string, codes: readonly string[]): ItemFiles {
  const files = new Map(codes.map((code) => [code, fileOf(folder, code)]));
  const kept = new Map<string, readonly Item[]>();
  const sources = new Map<string, Source>();
  return {
    codes,
    read(code) {
      const known = kept.get(code);
      if (known) return known;
      const file = readSource(files.get(code)!);
      const items = readRecords(file).map(toItem);
      sources.set(code, file.source("instructions", items.length, code));
      if (codes.length <= keptLanguages) kept.set(code, items);
      return items;
    },
    sources: () => [...sources.values()],
  };
}

function fileOf(folder: string, code: string): string {
  const { iso3, flores, name } = language(code);
  const names = [code, iso3, flores].flatMap((form) => [`${form}.json`, `${form}.jsonl`]);
  const found = names.map((file) => join(folder, file)).find(existsSync);
  if (found !== undefined) return found;
  if (!isFolder(folder))
    throw new Error(`${folder}: expected a folder with a file per language, such as ${code}.json.`);
  const packed = existsSync(join(folder, `${code}.json.gz`)) ? ` Unpack ${code}.json.gz (gzip -d) first.` : "";
  throw new Error(`${folder}: no ${code}.json, the instructions in ${name}.${packed}`);
}

function toItem({ record, place }: PlacedRecord): Item {
  const { id } = record;
  if (typeof id !== "string" && typeof id !== "number")
    throw new Error(`${place}: expected an id (text or number), received ${JSON.stringify(id) ?? "none"}.`);
  const text = (key: string): string | undefined => {
    const value = record[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== "string")
      throw new Error(`${place}: expected text or null in ${key}, received ${JSON.stringify(value).slice(0, 60)}.`);
    if (/\p{Surrogate}/u.test(value))
      throw new Error(`${place}: half a surrogate pair in ${key}; it is not Unicode text.`);
    return value;
  };
  return { id, place, instruction: text("instruction"), input: text("input"), output: text("output") };
}
