import { findLanguage } from "../../text/languages.ts";
import { languagePairInName } from "../files.ts";
import { afpRow } from "../instructions.ts";
import { readReleasedPrompt } from "../question-translation/template.ts";
import type { Cell, DataFile, DataRow } from "./data-file.ts";
import { type Hit, rowsFinding } from "./finding.ts";
import { textColumns } from "./text-columns.ts";

interface PlacedRecord {
  record: Record<string, unknown>;
  place: string;
}

type Layout = Pick<DataFile, "kind" | "layout" | "rows" | "findings"> & Partial<Pick<DataFile, "pair" | "language">>;

interface Reading {
  records: readonly PlacedRecord[];
  path: string;
  language: string | undefined;
}

/** What JSON records are, by the fields of the first; every layout that training reads is known, others are tables. */
export function recordLayout(records: readonly PlacedRecord[], path: string, language: string | undefined): Layout {
  const first = records[0]?.record ?? {};
  const reading = { records, path, language };
  const has = (...keys: string[]) => keys.every((key) => key in first);
  if (has("clm_text") || has("sent0", "sent1")) return afp(reading);
  if (has("id", "instruction", "output")) return bactrian(reading);
  if (has("anchor", "positive")) return pairOf(reading, "anchor", "positive");
  const inner = first.translation;
  const sides = Object.keys(typeof inner === "object" && inner !== null ? inner : first).filter((key) =>
    findLanguage(key),
  );
  if (sides.length >= 2) return translations(reading, sides);
  const prompt = ["prompt", "input"].find((key) => key in first);
  const answer = ["answer", "completion", "response"].find((key) => key in first);
  if (prompt !== undefined && answer !== undefined) return prompted(reading, prompt, answer);
  return has("text") ? fields(reading, "text", ["text"]) : table(reading);
}

/** A field's text, or "" where it is none. */
const textOf = (record: Record<string, unknown>, key: string): string => {
  const value = record[key];
  return typeof value === "string" ? value : "";
};

const cell = (name: string, text: string, language: string | undefined): Cell => ({
  ...{ name, text },
  ...(language !== undefined && { language }),
});

function fields({ records, language }: Reading, kind: DataFile["kind"], names: readonly string[]): Layout {
  const rows = records.map(({ record, place }) => ({
    place,
    cells: names.map((name) => cell(name, textOf(record, name), language)),
  }));
  return { kind, layout: `JSON rows with ${names.join(", ")}`, rows, findings: [] };
}

function pairOf({ records, path }: Reading, a: string, b: string): Layout {
  const named = languagePairInName(path)?.map(({ code }) => code);
  const rows = records.map(({ record, place }) => ({
    place,
    cells: [cell(a, textOf(record, a), named?.[0]), cell(b, textOf(record, b), named?.[1])],
  }));
  return { kind: "pairs", layout: `JSON rows with ${a} and ${b}`, rows, findings: [], pair: [a, b] };
}

function translations({ records }: Reading, sides: readonly string[]): Layout {
  const rows = records.map(({ record, place }) => {
    const inner = record.translation;
    const texts = (typeof inner === "object" && inner !== null ? inner : record) as Record<string, unknown>;
    return { place, cells: sides.map((side) => cell(side, textOf(texts, side), findLanguage(side)?.code)) };
  });
  const pair = sides.length === 2 ? { pair: [sides[0]!, sides[1]!] as [string, string] } : {};
  return {
    kind: "pairs",
    layout: `JSON rows with a field per language (${sides.join(", ")})`,
    rows,
    findings: [],
    ...pair,
  };
}

/** Instruction and output must be there; a context may be absent. */
function bactrian({ records, language }: Reading): Layout {
  const rows = records.map(({ record, place }) => ({
    ...{ place, id: String(record.id) },
    cells: ["instruction", "output"].map((name) => cell(name, textOf(record, name), language)),
  }));
  return { kind: "instructions", layout: "Bactrian-X: id, instruction, input, output", rows, findings: [] };
}

/** The prompt of question translation without its instruction, whose sentence tells the languages. */
function prompted({ records, language }: Reading, prompt: string, answer: string): Layout {
  let released = 0;
  const rows = records.map(({ record, place }): DataRow => {
    const read = readReleasedPrompt(textOf(record, prompt));
    if (read) released++;
    return {
      place,
      cells: [
        cell(prompt, read?.text ?? textOf(record, prompt), read ? read.source : language),
        cell(answer, textOf(record, answer), read ? read.target : language),
      ],
    };
  });
  const all = released === records.length;
  const layout = all ? `question translation: ${prompt}, ${answer}` : `JSON rows with ${prompt} and ${answer}`;
  return {
    kind: "instructions",
    layout,
    rows,
    findings: [],
    ...(all && { pair: [prompt, answer] as [string, string] }),
  };
}

function afp({ records, path, language }: Reading): Layout {
  const named = languagePairInName(path)?.map(({ code }) => code);
  const broken: Hit[] = [];
  const rows = records.map(({ record, place }): DataRow => {
    const cells = [
      cell("sent0", textOf(record, "sent0"), named?.[0]),
      cell("sent1", textOf(record, "sent1"), named?.[1]),
    ];
    if (record.clm_text === undefined) return { place, cells };
    try {
      const { prompt, answer } = afpRow(textOf(record, "clm_text"), record.clm_prompt_len, place);
      cells.push(cell("prompt", prompt, undefined), cell("answer", answer, undefined));
    } catch (error) {
      broken.push({ place, text: (error as Error).message });
    }
    return { place, cells };
  });
  const message = "clm_prompt_len is no length within clm_text; readers stop there.";
  const about = { file: path, language: language ?? "", check: "broken", severity: "error", message } as const;
  const layout = "AFP rows: sent0, sent1, clm_text, clm_prompt_len";
  return { kind: "afp", layout, rows, findings: rowsFinding(about, broken), pair: ["sent0", "sent1"] };
}

/** Fields of no known meaning: those that look like text are checked. */
function table(reading: Reading): Layout {
  const { records } = reading;
  const names = [...new Set(records.slice(0, 1000).flatMap(({ record }) => Object.keys(record)))].filter((name) =>
    records.some(({ record }) => typeof record[name] === "string"),
  );
  const texts = textColumns(names.map((name) => records.map(({ record }) => textOf(record, name))));
  const chosen = names.filter((_, i) => texts[i]);
  const labels = names.filter((_, i) => !texts[i]);
  const found = fields(reading, "table", chosen);
  const findings = labels.flatMap((name) => {
    const absent = records.filter(({ record }) => record[name] === undefined || record[name] === null);
    const hits = absent.map(({ place, record }) => ({ place, text: JSON.stringify(record) }));
    const message = `${name} is absent.`;
    return rowsFinding(
      { check: "missing", severity: "warning", file: reading.path, language: reading.language ?? "", message },
      hits,
    );
  });
  const others = labels.length > 0 ? `; not as text: ${labels.join(", ")}` : "";
  return { ...found, layout: `${found.layout}${others}`, findings };
}
