import type { SecondFigures } from "../eval/second-figures.ts";
import type { ResultRow, ResultsFile } from "../run/records.ts";
import { labelFlags } from "../stats/label-flags.ts";
import { remarks, terminalColumns, wrapped } from "./eval-remarks.ts";
import { formatOf, titleOf } from "./metric-columns.ts";
import { alignedTable } from "./table.ts";

/** Shares that are worth a column only where they are not nought everywhere. */
const oftenNought = ["truncation", "empty", "copy", "off_target", "off_target_script"];

/** A row with what some metrics and settings have more. */
type ShownRow = ResultRow & SecondFigures & { signature?: string };

const settingOf = ({ task, shots, seed, prompts }: ResultRow): string => [task, shots, seed, prompts].join("\n");

/**
 * Rows by setting. Those of a language alone go to the task's settings, or stand by themselves: fertility, and bits per byte
 * where they are measured, too.
 */
function sections(results: readonly ShownRow[]): Map<string, ShownRow[]> {
  const found = new Map<string, ShownRow[]>();
  const own = results.filter(({ prompts, task }) => prompts !== "" || task === "flores");
  for (const row of own) found.set(settingOf(row), [...(found.get(settingOf(row)) ?? []), row]);
  const ofLanguage = results.filter(({ prompts }) => prompts === "");
  for (const rows of found.values())
    if (rows[0]!.task !== "flores") {
      const languages = new Set(rows.map(({ language }) => language));
      const isBeside = ({ task, language }: ShownRow) =>
        languages.has(language) && (task === rows[0]!.task || task === "flores");
      rows.push(...ofLanguage.filter(isBeside));
    }
  return found;
}

function heading({ task, shots, seed, prompts }: ResultRow): string {
  if (prompts === "") return task;
  const drawn = shots > 0 ? `, seed ${seed}` : "";
  return `${task}  ${shots}-shot  ${prompts} prompts${drawn}`;
}

/** A column: its title, and the cell of a language. */
type Column = readonly [title: string, cell: (language: string) => string];

function columnsOf(rows: readonly ShownRow[]): Column[] {
  const of = (language: string, metric: string) =>
    rows.find((row) => row.language === language && row.metric === metric);
  const metrics = [...new Set(rows.map(({ metric }) => metric))].filter(
    (metric) => !oftenNought.includes(metric) || rows.some((row) => row.metric === metric && row.value > 0),
  );
  const first = rows[0]!.metric;
  const main = (language: string) => of(language, first);
  const cell =
    (metric: string): Column[1] =>
    (language) => {
      const row = of(language, metric);
      return row === undefined ? "" : formatOf(metric)(row.value);
    };
  const second = (title: string, key: keyof SecondFigures): Column[] => {
    const value = (language: string) => main(language)?.[key]?.value;
    const shown: Column = [
      title,
      (language) => (value(language) === undefined ? "–" : formatOf(first)(value(language)!)),
    ];
    return rows.some((row) => row[key] !== undefined) ? [shown] : [];
  };
  const interval = (language: string) => {
    const row = main(language);
    return row === undefined ? "" : `${formatOf(first)(row.low)}–${formatOf(first)(row.high)}`;
  };
  const kept = rows.some(({ without }) => without !== undefined);
  return [
    ["language", (language) => language],
    [titleOf(first), cell(first)],
    ["95 %", interval],
    ...second("kept", "without"),
    ...second("relabelled", "pivot_labels"),
    ...metrics.filter((metric) => metric !== first).map((metric): Column => [titleOf(metric), cell(metric)]),
    ["n", (language) => String(main(language)?.n ?? "")],
    ...(kept ? [["n kept", (language) => String(main(language)?.without?.n ?? "")] satisfies Column] : []),
    ["", (language) => (main(language) === undefined ? "" : labelFlags(main(language)!).join(", "))],
  ];
}

const widest = (table: string): number => Math.max(...table.split("\n").map((line) => [...line].length));

/** As many tables as a terminal's width asks for, each beginning with the first column. */
function tables(columns: readonly Column[], languages: readonly string[]): string {
  const [language, ...others] = columns as [Column, ...Column[]];
  const tableOf = (own: readonly Column[]) => {
    const all = [language, ...own];
    return alignedTable(
      all.map(([title]) => title),
      languages.map((code) => all.map(([, cell]) => cell(code))),
    );
  };
  const groups: Column[][] = [[]];
  for (const column of others) {
    const open = groups.at(-1)!;
    if (open.length > 0 && widest(tableOf([...open, column])) > terminalColumns) groups.push([column]);
    else open.push(column);
  }
  return groups.map(tableOf).join("\n");
}

function section(rows: readonly ShownRow[]): string {
  const languages = [...new Set(rows.map(({ language }) => language))];
  return `${heading(rows[0]!)}\n${tables(columnsOf(rows), languages)}${doubts(rows)}${signatures(rows)}`;
}

/** What second figures leave out or change. */
function doubts(rows: readonly ShownRow[]): string {
  const without = rows.find((row) => row.without !== undefined)?.without;
  const relabelled = rows.filter((row) => row.metric === rows[0]!.metric && (row.pivot_labels?.changed ?? 0) > 0);
  const changed = relabelled.map(({ language, pivot_labels: by }) => `${language} ${by!.changed}`);
  return [
    ...(without ? [`kept: without the items of ${without.rules.join(", ")}.`] : []),
    ...(changed.length > 0 ? [`relabelled: by English labels, which differ on ${changed.join(", ")} items.`] : []),
  ]
    .map((line) => `${wrapped(line)}\n`)
    .join("");
}

/** What sacrebleu prints behind its scores; languages that share a signature share a line. */
function signatures(rows: readonly ShownRow[]): string {
  const signed = rows.filter(({ signature }) => signature !== undefined);
  const languages = new Map<string, string[]>();
  for (const { metric, language, signature } of signed) {
    const line = `${titleOf(metric)} ${signature}`;
    languages.set(line, [...(languages.get(line) ?? []), language]);
  }
  const all = new Set(signed.map(({ language }) => language)).size;
  return [...languages]
    .map(([line, own]) => `${wrapped(own.length === all ? line : `${line} (${own.join(", ")})`)}\n`)
    .join("");
}

/** Results as tables, one for each setting, languages in rows: figures in per cent, except bits, BLEU and its kin. */
export function evaluationText({ results, checks }: Pick<ResultsFile, "results" | "checks">): string {
  const tables = [...sections(results).values()].map(section);
  const notes = remarks(checks);
  return `${tables.join("\n")}${notes === "" ? "" : `\n${notes}`}`;
}
