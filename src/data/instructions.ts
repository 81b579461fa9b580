import { basename } from "node:path";
import { findLanguage, language } from "../text/languages.ts";
import {
  filesIn,
  isFolder,
  type PlacedRecord,
  readRecords,
  readSource,
  type Source,
  textField,
} from "../text/source.ts";
import { type BactrianItem, bactrianItems, composeCrossLingual, isBactrian } from "./bactrian.ts";

/** A prompt and the answer to be learned, which follows it directly. */
export interface Instruction {
  prompt: string;
  answer: string;
}

export interface Instructions {
  rows: Instruction[];
  /** rows left out because prompt or answer was empty or absent */
  skipped: number;
  /** rows by the language of their file, "und" where its name has none; before empty ones were left out */
  languages: Record<string, number>;
  sources: Source[];
}

export interface InstructionOptions {
  /** languages to take; all that are found by default */
  languages?: readonly string[] | undefined;
  /** rows per file at most, from the top; of Bactrian-X in the order of the ids */
  limit?: number | undefined;
  /** share of composed rows whose answer is in another language than the question */
  crossLingualShare: number;
  seed: number;
}

/** The language that a file's name holds: de.json, snli_de10k_train_question.json. */
function languageOf(path: string): string | undefined {
  const name = basename(path).replace(/\.jsonl?$/, "");
  return (findLanguage(name) ?? findLanguage(name.match(/^[a-z]+_([a-z]{2,3})\d+k/)?.[1] ?? ""))?.code;
}

/** A row of a known shape that stands for itself; undefined where its answer is absent. */
function plainRow({ record, place }: PlacedRecord): Instruction | undefined {
  if (typeof record.clm_text === "string") return afpRow(record.clm_text, record.clm_prompt_len, place);
  const prompt = record.prompt ?? record.input;
  const answer = record.answer ?? record.completion ?? record.response;
  if (typeof prompt !== "string") textField(record, "prompt (or input)", place);
  return typeof prompt === "string" && typeof answer === "string" ? { prompt, answer } : undefined;
}

/** A file's rows; a field that some records lack costs those, one that all lack is the file's mistake. */
function plainRows(records: readonly PlacedRecord[]): Instruction[] {
  const rows = records.map(plainRow).filter((row) => row !== undefined);
  const [first] = records;
  if (rows.length > 0 || first === undefined) return rows;
  throw new Error(
    `${first.place}: expected a text named answer (or completion, response), as in no record of the file; this one has ${Object.keys(first.record).join(", ") || "no field"}.`,
  );
}

/** The text of a row of AFP; the prompt's length counts code points. */
export function afpRow(text: string, promptLength: unknown, place: string): Instruction {
  const points = [...text];
  const length = Number(promptLength);
  if (!Number.isInteger(length) || length < 0 || length > points.length)
    throw new Error(
      `${place}: expected clm_prompt_len from 0 to ${points.length}, received ${JSON.stringify(promptLength)}.`,
    );
  return { prompt: points.slice(0, length).join(""), answer: points.slice(length).join("") };
}

const listed = (files: readonly string[]): string => files.map((name) => basename(name)).join(", ") || "no JSON files";

/** The files to read; the first of the wanted languages may be absent, as a target language has no file of its own. */
function chooseFiles(path: string, wanted: readonly string[] | undefined): string[] {
  if (!isFolder(path)) return [path];
  const files = filesIn(path).filter((name) => /\.jsonl?$/.test(name));
  const chosen = files.filter((name) => wanted === undefined || wanted.includes(languageOf(name) ?? ""));
  const absent = (wanted ?? []).filter((code, i) => i > 0 && !chosen.some((name) => languageOf(name) === code));
  if (chosen.length > 0 && absent.length === 0) return chosen;
  throw new Error(
    `${path}: found no instruction file${absent.length > 0 ? ` of ${absent.join(", ")}` : ""}. ` +
      `Expected JSON named by language, such as de.json; there are ${listed(files)}. A file of several languages is read whole: leave the languages out.`,
  );
}

/**
 * Reads instruction rows: question-translation JSON ({input, answer}), Bactrian-X JSON per language (composed across
 * languages), JSON Lines with prompt and answer, or AFP rows; one file or a folder.
 * @throws Error that names file and record
 */
export function readInstructions(path: string, options: InstructionOptions): Instructions {
  const wanted = options.languages && [...new Set(options.languages.map((spelling) => language(spelling).code))];
  const rows: Instruction[] = [];
  const sources: Source[] = [];
  const items = new Map<string, Map<string, BactrianItem>>();
  let read = 0;
  const languages: Record<string, number> = {};
  for (const name of chooseFiles(path, wanted)) {
    const file = readSource(name);
    const records = readRecords(file);
    sources.push(file.source("instructions", records.length, languageOf(name)));
    const taken = Math.min(records.length, options.limit ?? records.length);
    read += taken;
    const code = languageOf(name) ?? "und";
    languages[code] = (languages[code] ?? 0) + taken;
    if (isBactrian(records[0]?.record)) items.set(bactrianLanguage(name), bactrianItems(records, options.limit));
    // a call takes some 120,000 arguments at most
    else for (const row of plainRows(records.slice(0, options.limit))) rows.push(row);
  }
  for (const row of composeCrossLingual(items, options)) rows.push(row);
  const kept = rows.filter(({ prompt, answer }) => prompt.trim() !== "" && answer.trim() !== "");
  return { rows: kept, skipped: read - kept.length, languages, sources };
}

function bactrianLanguage(path: string): string {
  const code = languageOf(path);
  if (code !== undefined) return code;
  throw new Error(`${path}: the records are Bactrian-X's, whose files are named by their language, such as de.json.`);
}
