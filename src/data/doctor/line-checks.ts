import type { DataFile } from "./data-file.ts";
import type { DataFinding } from "./finding.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const pythonOnly = /[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/g;

/** What is wrong with a file's lines as a whole. */
export function lineFindings({ path, language, text }: DataFile): DataFinding[] {
  const windows = text.split("\r\n").length - 1;
  const unix = text.split("\n").length - 1 - windows;
  const lone = text.split("\r").length - 1 - windows;
  const separators = [...text.matchAll(pythonOnly)].length;
  const found = (check: string, severity: DataFinding["severity"], is: boolean, message: string): DataFinding[] =>
    is ? [{ check, severity, file: path, language: language ?? "", count: 0, message, examples: [] }] : [];
  return [
    ...found(
      "mixed-line-ends",
      "warning",
      windows > 0 && unix > 0,
      `${unix} lines end with \\n and ${windows} with \\r\\n.`,
    ),
    ...found("lone-return", "warning", lone > 0, `${lone} times \\r without \\n: a line end for some programs.`),
    ...found(
      "line-separators",
      "note",
      separators > 0,
      `Characters that end a line in Python's splitlines only: ${separators}.`,
    ),
    ...found(
      "byte-order-mark",
      "note",
      text.startsWith("\ufeff"),
      "The file begins with a byte order mark, which Python keeps.",
    ),
  ];
}
