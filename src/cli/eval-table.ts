import type { ResultRow, ResultsFile } from "../run/records.ts";
import { labelFlags } from "../stats/label-flags.ts";
import { alignedTable } from "./table.ts";

/** What a terminal shows without breaking lines. */
const columns = 100;

const percent = (value: number): string => (100 * value).toFixed(1);
const three = (value: number): string => value.toFixed(3);
const two = (value: number): string => value.toFixed(2);

/** Column titles of metrics, and how their values are written; accuracies and shares in per cent. */
const known: Readonly<Record<string, readonly [title: string, format: (value: number) => string]>> = {
  acc: ["acc", percent],
  acc_norm: ["norm", percent],
  acc_bytes: ["bytes", percent],
  acc_mutual_info: ["mutual", percent],
  exact_match: ["exact", percent],
  "exact_match,remove_whitespace": ["exact", percent],
  "exact_match,flexible-extract": ["flexible", percent],
  f1: ["f1", percent],
  bleu: ["BLEU", two],
  chrf: ["chrF", two],
  "chrf++": ["chrF++", two],
  ter: ["TER", two],
  bits_per_byte: ["bits/byte", three],
  fertility: ["tokens/word", two],
  truncation: ["cut", percent],
  empty: ["empty", percent],
  copy: ["copied", percent],
  off_target: ["off-target", percent],
  off_target_script: ["script", percent],
  length_ratio: ["length", two],
};

const titleOf = (metric: string): string => known[metric]?.[0] ?? metric;
const formatOf = (metric: string) => known[metric]?.[1] ?? three;

/** Shares that are worth a column only where they are not nought everywhere. */
const oftenNought = ["truncation", "empty", "copy", "off_target", "off_target_script"];

/** A row of a translation metric. */
type SignedRow = ResultRow & { signature: string };

const settingOf = ({ task, shots, seed, prompts }: ResultRow): string => [task, shots, seed, prompts].join("\n");

/** Rows by setting; those of a language alone (fertility) go to the task's settings, or stand by themselves. */
function sections(results: readonly ResultRow[]): Map<string, ResultRow[]> {
  const found = new Map<string, ResultRow[]>();
  const own = results.filter(({ prompts, task }) => prompts !== "" || task === "flores");
  for (const row of own) found.set(settingOf(row), [...(found.get(settingOf(row)) ?? []), row]);
  for (const row of results.filter((each) => !own.includes(each)))
    for (const rows of found.values()) if (rows[0]!.task === row.task) rows.push(row);
  return found;
}

function heading({ task, shots, seed, prompts }: ResultRow): string {
  if (prompts === "") return task;
  const drawn = shots > 0 ? `, seed ${seed}` : "";
  return `${task}  ${shots}-shot  ${prompts} prompts${drawn}`;
}

function section(rows: readonly ResultRow[]): string {
  const metrics = [...new Set(rows.map(({ metric }) => metric))].filter(
    (metric) => !oftenNought.includes(metric) || rows.some((row) => row.metric === metric && row.value > 0),
  );
  const languages = [...new Set(rows.map(({ language }) => language))];
  const first = rows[0]!.metric;
  const body = languages.map((language) => {
    const of = (metric: string) => rows.find((row) => row.language === language && row.metric === metric);
    const main = of(first);
    const values = metrics.flatMap((metric) => {
      const row = of(metric);
      const value = row === undefined ? "" : formatOf(metric)(row.value);
      if (metric !== first) return [value];
      return [value, row === undefined ? "" : `${formatOf(metric)(row.low)}–${formatOf(metric)(row.high)}`];
    });
    return [
      language,
      ...values,
      main === undefined ? "" : String(main.n),
      main === undefined ? "" : labelFlags(main).join(", "),
    ];
  });
  const head = [
    "language",
    ...metrics.flatMap((metric) => (metric === first ? [titleOf(metric), "95 %"] : [titleOf(metric)])),
    "n",
    "",
  ];
  return `${heading(rows[0]!)}\n${alignedTable(head, body)}${signatures(rows)}`;
}

/** What sacrebleu prints behind its scores; languages that share a signature share a line. */
function signatures(rows: readonly ResultRow[]): string {
  const signed = rows.filter((row): row is SignedRow => typeof (row as Partial<SignedRow>).signature === "string");
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

/** Breaks a text into lines that a terminal shows whole, the later ones set in. */
export function wrapped(text: string, width = columns): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** What a reader must know: warnings and errors, and the certificate of invariance. */
function remarks(checks: ResultsFile["checks"]): string {
  const shown = checks.filter(({ check, severity }) => severity !== "note" || check === "invariance");
  return shown
    .map(({ check, severity, task, language, message }) => {
      const place = [task, language].filter(Boolean).join(" ");
      return `${wrapped(`${severity}: ${place === "" ? "" : `${place}: `}${String(check)}: ${String(message)}`)}\n`;
    })
    .join("");
}

/** Results as tables, one for each setting, languages in rows: figures in per cent, except bits, BLEU and its kin. */
export function evaluationText({ results, checks }: Pick<ResultsFile, "results" | "checks">): string {
  const tables = [...sections(results).values()].map(section);
  const notes = remarks(checks);
  return `${tables.join("\n")}${notes === "" ? "" : `\n${notes}`}`;
}
