import type { Cell, DataFile, DataRow } from "./data-file.ts";
import { type DataFinding, type Hit, rowsFinding } from "./finding.ts";
import { foreignTexts } from "./foreign-script.ts";

/** Letters and digits of one case and form: what two texts share that differ in punctuation and spacing alone. */
export const bare = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");

/** A row's texts as one, so that spacing does not hide a copy. */
export const rowKey = ({ cells }: DataRow): string =>
  cells.map(({ text }) => text.normalize("NFC").replace(/\s+/gu, " ").trim()).join("\t");

const joined = ({ cells }: DataRow): string => cells.map(({ text }) => text).join(" | ");

/** C0 and C1 controls but tab and line ends, the replacement character, a byte order mark within, non-characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd\ufeff\ufffe\uffff]/u;

/** The two bytes of a Latin letter, or the first two of a quotation mark, as characters of Latin-1 or Windows-1252. */
const mojibake = /[ÂÃ][\u0080-\u00bf]|â€/;

/** What stands where a translation is missing, in the data sets that have such cells. */
const placeholder = /^\s*(NS|N\/A|null|none|nan|undefined|\[deleted\]|\[removed\])\s*$/i;

/** What web pages leave behind. */
const markup = /&(?:[a-z]{2,8}|#\d+|#x[0-9a-f]+);|<\/?(?:a|b|br|div|em|font|i|img|li|p|span|strong|td|tr|ul)\b[^>]*>/i;

const cellChecks: {
  check: string;
  severity: DataFinding["severity"];
  message: string;
  wrong(text: string): boolean;
}[] = [
  { check: "empty", severity: "warning", message: "A side is empty or absent.", wrong: (text) => text.trim() === "" },
  {
    check: "control-character",
    severity: "warning",
    message: "A control or replacement character, often the trace of a wrong encoding.",
    wrong: (text) => control.test(text),
  },
  {
    check: "mojibake",
    severity: "warning",
    message: "UTF-8 that was once read as another encoding, such as Ã© for é.",
    wrong: (text) => mojibake.test(text),
  },
  {
    check: "placeholder",
    severity: "warning",
    message: "A placeholder instead of a text, such as NS.",
    wrong: (text) => placeholder.test(text),
  },
  { check: "markup", severity: "note", message: "HTML tags or entities.", wrong: (text) => markup.test(text) },
];

/** What is wrong with rows one by one, and with rows that are alike. */
export function rowFindings(file: DataFile): DataFinding[] {
  const about = { file: file.path, language: file.language ?? "" };
  const cells = cellChecks.flatMap(({ wrong, ...check }) => {
    const hits = file.rows.flatMap(({ place, cells: all }): Hit[] => {
      const found = all.find(({ text }) => wrong(text));
      return found ? [{ place, text: `${found.name}: ${found.text}` }] : [];
    });
    return rowsFinding({ ...about, ...check }, hits);
  });
  return [...cells, ...repeats(file), ...wrongScripts(file)];
}

function repeats(file: DataFile): DataFinding[] {
  const exact = new Set<string>();
  const loose = new Set<string>();
  const duplicates: Hit[] = [];
  const near: Hit[] = [];
  for (const row of file.rows) {
    const key = rowKey(row);
    const looseKey = row.cells.map(({ text }) => bare(text)).join("\t");
    if (key.trim() === "") continue;
    if (exact.has(key)) duplicates.push({ place: row.place, text: joined(row) });
    else if (loose.has(looseKey)) near.push({ place: row.place, text: joined(row) });
    exact.add(key);
    loose.add(looseKey);
  }
  const about = { file: file.path, language: file.language ?? "" };
  return [
    ...rowsFinding(
      { ...about, check: "duplicate", severity: "warning", message: "The same row as an earlier one." },
      duplicates,
    ),
    ...rowsFinding(
      {
        ...about,
        check: "near-duplicate",
        severity: "note",
        message: "An earlier row but for case, spacing and punctuation.",
      },
      near,
    ),
  ];
}

/** Texts that are not in the script of the language that they are said to be in. */
function wrongScripts(file: DataFile): DataFinding[] {
  const byLanguage = new Map<string, { cell: Cell; place: string }[]>();
  for (const { cells, place } of file.rows)
    for (const cell of cells) {
      if (cell.language === undefined) continue;
      const list = byLanguage.get(cell.language);
      if (list) list.push({ cell, place });
      else byLanguage.set(cell.language, [{ cell, place }]);
    }
  return [...byLanguage].flatMap(([code, list]) => {
    const found = foreignTexts(
      list.map(({ cell }) => cell.text),
      code,
    );
    const hits = found.map((i) => ({ place: list[i]!.place, text: list[i]!.cell.text }));
    const rowsOnce = hits.filter(({ place }, i) => place !== hits[i - 1]?.place);
    const message = "Text that is not in the script of its language.";
    return rowsFinding(
      { check: "wrong-script", severity: "warning", file: file.path, language: code, message },
      rowsOnce,
    );
  });
}
