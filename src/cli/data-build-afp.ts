import { type Command, InvalidArgumentError } from "commander";
import { type AfpMode, type AfpOptions, afpModes, buildAfp } from "../data/afp/build.ts";
import type { AfpBuilt } from "../data/afp/built.ts";
import { afpLine } from "../data/afp/row.ts";
import { card } from "../data/card.ts";
import { UsageError } from "../run/errors.ts";
import { checkFolder, type WrittenFile, writeFiles } from "./data-written.ts";
import { list } from "./options.ts";
import { alignedTable } from "./table.ts";

interface Options {
  mode: AfpMode;
  languages: string[];
  instructions?: string;
  translations?: string;
  crossLingualShare: number;
  changeProbability: number;
  repeat?: number;
  seed: string;
  parity?: boolean;
  output: string;
  json?: boolean;
}

function asMode(text: string): AfpMode {
  const found = afpModes.find((mode) => mode === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${afpModes.join(", ")}.`);
  return found;
}

function decimal(text: string): number {
  if (/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError("Expected a number such as 0.5.");
}

/** As text, which has no bounds. */
function anyWhole(text: string): string {
  if (/^[+-]?\d+$/.test(text)) return text.replace(/^\+/, "");
  throw new InvalidArgumentError("Expected a whole number.");
}

/** Adds "en zh" and "en,zh" alike. */
const addLanguages = (text: string, before: string[] | undefined): string[] => [...(before ?? []), ...list(text)];

/** What the flags must be together. */
function check({ mode, languages, instructions, translations, seed, parity, ...options }: Options): void {
  const count = mode === "crosslingual" ? languages.length > 2 : languages.length === 2;
  if (!count || new Set(languages).size < languages.length)
    throw new UsageError(
      `--languages: mode ${mode} needs ${mode === "crosslingual" ? "three or more" : "exactly two"} different languages, ` +
        `the pivot first; got ${languages.join(", ") || "none"}.`,
    );
  if (mode === "translation" && translations === undefined)
    throw new UsageError("--translations: mode translation needs parallel text, such as a TSV of two columns.");
  if (mode !== "translation" && instructions === undefined)
    throw new UsageError(`--instructions: mode ${mode} needs a folder of Bactrian-X style JSON, a file per language.`);
  if (parity) return; // the official program takes any number
  for (const [flag, value] of [
    ["--cross-lingual-share", options.crossLingualShare],
    ["--change-probability", options.changeProbability],
  ] as const)
    if (value < 0 || value > 1) throw new UsageError(`${flag}: expected a number from 0 to 1, got ${value}.`);
  if (options.repeat !== undefined && options.repeat <= 0)
    throw new UsageError(`--repeat: expected a number above 0, got ${options.repeat}.`);
  if (!Number.isSafeInteger(Number(seed)) || Number(seed) < 0)
    throw new UsageError(`--seed: expected a whole number from 0 to 2^53, got ${seed}.`);
}

function build(options: Options): void {
  check(options);
  checkFolder(options.output);
  const asked: AfpOptions = {
    ...{
      mode: options.mode,
      languages: options.languages,
      seed: BigInt(options.seed),
      parity: options.parity ?? false,
    },
    ...{ instructions: options.instructions, translations: options.translations, repeat: options.repeat },
    ...{ share: options.crossLingualShare, change: options.changeProbability },
  };
  const built = buildAfp(asked);
  const files: WrittenFile[] = built.files.map(({ name, rows }) => ({ name, pieces: rows.map(afpLine) }));
  const summary = summaryOf(options, built);
  // the official program writes nothing beside its file
  if (!options.parity)
    files.push({
      name: `${options.mode === "translation" ? "afp-translation" : "afp"}.md`,
      pieces: [card("AFP rows", summary)],
    });
  writeFiles(options.output, files);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else if (options.parity) process.stdout.write(built.printed);
  else process.stdout.write(describe(built));
  process.stderr.write(
    built.files.map(({ name, rows }) => `${options.output}/${name}: ${rows.length} rows\n`).join(""),
  );
}

function summaryOf(options: Options, built: AfpBuilt) {
  const { crossLingualShare, changeProbability, repeat, parity, seed, ...paths } = options;
  const { mode, languages, instructions, translations } = paths;
  const { directions, pairs, leftOut, sources } = built;
  return {
    settings: {
      ...{ mode, languages, instructions, translations, repeat: repeat ?? 1, seed, parity: parity ?? false },
      ...{ cross_lingual_share: crossLingualShare, change_probability: changeProbability },
    },
    files: built.files.map(({ name, rows }) => ({
      name,
      rows: rows.length,
      ...(pairs[name] && { pairs: pairs[name] }),
    })),
    ...{ directions, left_out: leftOut, sources },
  };
}

function describe({ files, pairs, directions, leftOut }: AfpBuilt): string {
  const numbers = (...values: (number | undefined)[]) => values.map((value) => String(value ?? ""));
  const tables = [
    alignedTable(
      ["file", "rows", "pairs", "used"],
      files.map(({ name, rows }) => [name, ...numbers(rows.length, pairs[name]?.available, pairs[name]?.used)]),
    ),
    alignedTable(
      ["direction", "rows"],
      Object.entries(directions).map(([key, count]) => [key, String(count)]),
    ),
    ...(leftOut.length === 0
      ? []
      : [
          alignedTable(
            ["left out", "count", "why"],
            leftOut.map((row) => [row.language, String(row.count), row.reason]),
          ),
        ]),
  ];
  return tables.join("\n");
}

export function define(command: Command): void {
  command
    .option("-m, --mode <mode>", afpModes.join(", "), asMode, "bilingual")
    .option("-l, --languages <list...>", "languages, the pivot first (default: en,zh)", addLanguages)
    .option("-b, --instructions <folder>", "Bactrian-X style JSON, a file per language")
    .option("-t, --translations <path>", "mode translation: TSV, line-aligned files or JSON rows")
    .option(
      "-x, --cross-lingual-share <p>",
      "share of rows whose answer is in another language than the question",
      decimal,
      0.5,
    )
    .option(
      "-c, --change-probability <p>",
      "share of those rows, or of translations, that go to the pivot",
      decimal,
      0.5,
    )
    .option("-r, --repeat <n>", "rows per item (default: 1)", decimal)
    .option("-s, --seed <n>", "seed of all that is drawn", anyWhole, "0")
    .option("--parity", "file name and bytes of the official generator, with its quirks")
    .requiredOption("-o, --output <folder>", "where the files go")
    .option("--json", "print the account as one JSON document")
    .action((options: Options) => build({ ...options, languages: options.languages ?? ["en", "zh"] }));
}
