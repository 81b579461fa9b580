import { dirname, sep } from "node:path";
import type { Command } from "commander";
import { type Examination, evaluatedTexts, examine } from "../data/doctor/examine.ts";
import type { DataFinding } from "../data/doctor/finding.ts";
import { taskData } from "../data/doctor/task-data.ts";
import { UsageError } from "../run/errors.ts";
import { list } from "./options.ts";
import { alignedTable } from "./table.ts";

interface Options {
  against?: string[];
  tasks?: string[];
  data?: string;
  json?: boolean;
  strict?: boolean;
}

const severities = ["error", "warning", "note"] as const;
const shownCharacters = 60;

/** What is looked at, as it is listed. */
type Listed = Examination["files"][number];

function describe(files: readonly Listed[], findings: readonly DataFinding[], folder: string): string {
  const short = (text: string) => (folder === "" ? text : text.replaceAll(folder, ""));
  const rows = new Map(files.map(({ path, rows: count }) => [path, count]));
  const listed = files.map(({ path, language, rows: count, layout }) => [short(path), language, String(count), layout]);
  const table = `${folder}\n${alignedTable(["file", "language", "rows", "layout"], listed)}`;
  if (findings.length === 0) return `${table}\nnothing found\n`;
  const sorted = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const legend = meanings(sorted);
  const found = sorted.map(({ check, severity, file, language, count, message, examples }) => [
    ...[severity, check, short(file), language, count > 0 ? String(count) : "", shareOf(count, rows.get(file))],
    [...(legend.has(check) ? [] : [short(message)]), ...examples.slice(0, 1).map(example)].join(" "),
  ]);
  const explained = [...legend].map(([check, message]) => `${check}: ${message}\n`).join("");
  return `${table}\n${alignedTable(["", "check", "file", "language", "rows", "share", "the first"], found)}\n${explained}`;
}

/** Checks of rows whose sentence is always the same; it is said once. */
function meanings(findings: readonly DataFinding[]): Map<string, string> {
  const messages = new Map<string, Set<string>>();
  for (const { check, message, count } of findings)
    if (count > 0) messages.set(check, (messages.get(check) ?? new Set<string>()).add(message));
  return new Map([...messages].flatMap(([check, all]) => (all.size === 1 ? [[check, [...all][0]!] as const] : [])));
}

const shareOf = (count: number, all = 0): string =>
  count > 0 && all > 0 ? `${((100 * count) / all).toFixed(1)} %` : "";

/** Line or record of the file, and the beginning of the text. */
function example({ place, text }: DataFinding["examples"][number]): string {
  const where = place.match(/(?::(\d+)|: (record \d+))[^:]*$/);
  const said = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return `${where?.[1] ?? where?.[2] ?? place}${text === "" ? "" : `: ${JSON.stringify(said)}`}`;
}

/** The folder that all paths share, with its closing separator. */
function commonFolder(paths: readonly string[]): string {
  const parts = paths.map((path) => dirname(path).split(sep));
  let shared = 0;
  while (parts.every((own) => own[shared] !== undefined && own[shared] === parts[0]![shared])) shared++;
  return shared === 0 ? "" : `${parts[0]!.slice(0, shared).join(sep)}${sep}`;
}

async function doctor(paths: readonly string[], { against = [], tasks, data, json, strict }: Options): Promise<void> {
  if (paths.length === 0 && tasks === undefined)
    throw new UsageError("Give files or folders of training data, or --tasks with --data.");
  if (paths.some((path) => against.includes(path)))
    throw new UsageError("--against: the same path is given as training data.");
  if (tasks !== undefined && data === undefined)
    throw new UsageError("--tasks: they need --data, the folder with one subfolder per task.");
  const evaluated = await taskData(tasks ?? [], data ?? "");
  const trained = examine(paths, [...evaluatedTexts(against), ...evaluated.texts]);
  const findings = [...trained.findings, ...evaluated.findings];
  const read = evaluated.read.map(
    ({ task, language, rows }): Listed => ({ path: task, kind: "table", layout: "task", language, rows }),
  );
  const files = [...trained.files, ...read];
  if (json) process.stdout.write(`${JSON.stringify({ files, findings })}\n`);
  else process.stdout.write(describe(files, findings, commonFolder(trained.files.map(({ path }) => path))));
  if (strict && findings.some(({ severity }) => severity !== "note")) process.exitCode = 1;
}

export function define(data: Command): void {
  data
    .command("doctor")
    .description("check training data: what would be lost, what would harm")
    .argument("[path...]", "files or folders")
    .option("--against <path...>", "evaluation data whose texts must not be in the training data")
    .option("--tasks <list>", "tasks whose texts must not be in it; their own data is checked, too", list)
    .option("--data <folder>", "of --tasks: one subfolder per task in an official layout")
    .option("--json", "one JSON document, with up to five examples of each finding")
    .option("--strict", "exit code 1 where there is an error or a warning")
    .action(doctor);
}
