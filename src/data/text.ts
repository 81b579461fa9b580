import { basename } from "node:path";
import { findLanguage, language } from "../text/languages.ts";
import { filesIn, isFolder, readRecords, readSource, type Source, type SourceFile, textField } from "../text/source.ts";
import { cells, languageHeader } from "./files.ts";

export interface PlainText {
  documents: string[];
  sources: Source[];
}

/** Documents of one file in one language; the code is undefined where nothing names it. */
interface Part {
  file: SourceFile;
  code: string | undefined;
  texts: string[];
}

/** The language in a file's name: de.txt, deu_Latn.devtest, wiki.de.txt. */
function languageOf(path: string): string | undefined {
  for (const part of basename(path).split(/[.-]/)) {
    const found = findLanguage(part);
    if (found !== undefined) return found.code;
  }
  return undefined;
}

/** One part, or one per column of a TSV with a header of languages. */
function partsOf(path: string): Part[] {
  const file = readSource(path);
  const code = languageOf(path);
  if (/\.jsonl?$/.test(path))
    return [{ file, code, texts: readRecords(file).map(({ record, place }) => textField(record, "text", place)) }];
  const header = path.endsWith(".tsv") ? languageHeader(file.lines[0]!, []) : undefined;
  if (header === undefined) return [{ file, code, texts: file.lines }];
  const rows = file.lines.slice(1).map((line, i) => cells(line, header.size, `${path}:${i + 2}`));
  return [...header].map(([entry, column]) => ({ file, code: entry.code, texts: rows.map((row) => row[column]!) }));
}

/**
 * Reads plain text for language modelling, one document per line, per `text` field of JSON Lines or per cell of a TSV
 * with a header of languages: a file or a folder. With `spellings`, only text in these languages.
 * @throws Error when a language has no text there, or a file is not what its name says
 */
export function readText(path: string, spellings?: readonly string[]): PlainText {
  const wanted = spellings && new Set(spellings.map((spelling) => language(spelling).code));
  const files = isFolder(path)
    ? filesIn(path).filter((file) => /\.(txt|tsv|jsonl?)$/.test(file) || languageOf(file))
    : [path];
  // a name that says another language is not even read
  const unread = (file: string) =>
    wanted !== undefined && !file.endsWith(".tsv") && !wanted.has(languageOf(file) ?? "");
  // one file for one language needs no name
  const alone = !isFolder(path) && wanted?.size === 1 && languageOf(path) === undefined;
  const parts = files.filter((file) => alone || !unread(file)).flatMap(partsOf);
  const named = alone ? parts.map((part) => ({ ...part, code: part.code ?? [...wanted][0] })) : parts;
  const chosen = named.filter(({ code }) => wanted === undefined || (code !== undefined && wanted.has(code)));
  const absent = [...(wanted ?? [])].filter((code) => !chosen.some((part) => part.code === code));
  if (chosen.length === 0 || absent.length > 0)
    throw new Error(
      `${path}: found no text${absent.length > 0 ? ` in ${absent.join(", ")}` : ""}. ` +
        "Expected files named by their language, such as de.txt, or a TSV with a header of languages.",
    );
  const kept = chosen.map((part) => ({ ...part, texts: part.texts.filter((text) => text.trim() !== "") }));
  return {
    documents: kept.flatMap(({ texts }) => texts),
    sources: kept.map(({ file, code, texts }) => file.source("text", texts.length, code)),
  };
}
