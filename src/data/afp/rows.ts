import { basename } from "node:path";
import { findLanguage, language } from "../../text/languages.ts";
import {
  filesIn,
  isFolder,
  type PlacedRecord,
  readRecords,
  readSource,
  type Source,
  textField,
} from "../../text/source.ts";
import { afpRow, type Instruction } from "../instructions.ts";
import { type LeftOut, type Tally, tally } from "../left-out.ts";
import type { SentencePair } from "../sentence-pair.ts";

/** A sentence pair of AFP's rows; the languages are "und" where neither file name nor caller tells them. */
export interface AfpPair extends SentencePair {
  /** a hard negative: a sentence that is not the translation (SimCSE's third column) */
  negative?: string;
}

/** Both halves of AFP's training data. */
export interface AfpData {
  pairs: AfpPair[];
  instructions: Instruction[];
  leftOut: LeftOut[];
  sources: Source[];
}

export interface AfpDataOptions {
  /** the two languages of sent0 and sent1; else those of the file's name */
  languages?: readonly [string, string] | undefined;
  /** rows per file at most, from the top */
  limit?: number | undefined;
}

/**
 * Reads rows {sent0, sent1, clm_text, clm_prompt_len}, those of the official generator as well as ours: a file or a
 * folder of .json and .jsonl. `sent2` is a hard negative; a row without clm_text is a pair alone.
 * @throws Error naming file and row
 */
export function readAfpRows(path: string, options: AfpDataOptions = {}): AfpData {
  const files = isFolder(path) ? filesIn(path).filter((name) => /\.jsonl?$/.test(name)) : [path];
  if (files.length === 0)
    throw new Error(`${path}: expected JSON files with AFP rows (sent0, sent1, clm_text, clm_prompt_len).`);
  const left = tally();
  const data: AfpData = { pairs: [], instructions: [], leftOut: [], sources: [] };
  for (const name of files) {
    const file = readSource(name);
    const records = readRecords(file).slice(0, options.limit);
    const languages = (options.languages ?? languagesOf(name))?.map((spelling) => language(spelling).code);
    data.sources.push(file.source("afp", records.length));
    for (const record of records) addRow(record, (languages ?? unknown) as [string, string], data, left);
  }
  return { ...data, leftOut: left.list() };
}

const unknown = ["und", "und"];

function addRow({ record, place }: PlacedRecord, languages: [string, string], data: AfpData, left: Tally): void {
  const side = (key: string) => (record[key] === null ? "" : textField(record, key, place));
  const [a, b] = [side("sent0"), side("sent1")];
  const negative = record.sent2 === undefined ? "" : side("sent2");
  if (a.trim() === "" || b.trim() === "") left.count(languages.join("-"), "a pair with an empty side");
  else if (a === b) left.count(languages.join("-"), "a pair of the same text twice");
  else data.pairs.push({ a, b, languages, ...(negative.trim() !== "" && { negative }) });
  if (record.clm_text === undefined) return;
  const instruction = afpRow(textField(record, "clm_text", place), record.clm_prompt_len, place);
  if (instruction.prompt.trim() === "") left.count(languages.join("-"), "a text without prompt");
  else if (instruction.answer.trim() === "") left.count(languages.join("-"), "a text without answer");
  else data.instructions.push(instruction);
}

/** The languages of `AFP.en_zh.….json` and `afp.en-zh.jsonl`; of more than two, or turned translations, none are sure. */
function languagesOf(path: string): [string, string] | undefined {
  for (const part of basename(path).split(".")) {
    const words = part.split(/[_-]/);
    const codes = words.flatMap((word) => findLanguage(word)?.code ?? []);
    if (codes.length === 2 && words.length === 2) return [codes[0]!, codes[1]!];
  }
  return undefined;
}
