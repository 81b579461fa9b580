import { isFolder } from "../../text/source.ts";
import { alignedGroups } from "./aligned-files.ts";
import type { DataFile } from "./data-file.ts";
import { dataFiles } from "./data-files.ts";

/** As what training would read a path, and in which languages. */
export interface Detected {
  kind: "parallel" | "instructions" | "afp" | "text";
  /** what the fields or columns are, by file */
  layouts: { path: string; layout: string }[];
  /** of parallel text: the pivot (English where it is there) first */
  languages: string[];
}

/**
 * Tells from names and contents what a path holds.
 * @throws Error where that is no layout that is read, or several
 */
export function detect(path: string): Detected {
  const files = dataFiles([path]);
  const layouts = files.map(({ path: name, layout }) => ({ path: name, layout }));
  const kinds = [...new Set(files.filter(({ rows }) => rows.length > 0).map(({ kind }) => kind))];
  const [kind] = kinds;
  if (kind === undefined || kind === "table" || kinds.length > 1) throw unclear(path, files);
  if (kind === "instructions" || kind === "afp") return { kind, layouts, languages: [] };
  const languages = kind === "pairs" ? pairLanguages(files) : alignedLanguages(files);
  if (kind === "text" && languages.length < 2) return { kind, layouts, languages: [] };
  return {
    kind: "parallel",
    layouts,
    languages: [...languages].sort((a, b) => Number(b === "en") - Number(a === "en")),
  };
}

const pairLanguages = (files: readonly DataFile[]): string[] => [
  ...new Set(files.flatMap(({ rows }) => rows[0]!.cells.flatMap(({ language }) => language ?? []))),
];

const alignedLanguages = (files: readonly DataFile[]): string[] => [
  ...new Set(alignedGroups(files).flatMap(({ pivotCode, others }) => [pivotCode, ...others.map(({ code }) => code)])),
];

function unclear(path: string, files: readonly DataFile[]): Error {
  const found = files.slice(0, 4).map(({ path: name, layout }) => `${name} (${layout})`);
  return new Error(
    `${path}: expected one kind of training data, found ${found.join(", ")}${files.length > 4 ? ` and ${files.length - 4} more` : ""}. ` +
      `Say --as parallel, instructions, afp or text${isFolder(path) ? ", or give one file" : ""}.`,
  );
}
