import { type Command, InvalidArgumentError } from "commander";
import { card } from "../data/card.ts";
import {
  buildQuestions,
  type QuestionRow,
  type QuestionsBuilt,
  releasedName,
  releasedText,
} from "../data/question-translation/build.ts";
import { type Questions, readQuestions } from "../data/question-translation/questions.ts";
import { taskQuestions } from "../data/question-translation/task-questions.ts";
import { type InstructionPlace, instructionPlaces, releasedTemplate } from "../data/question-translation/template.ts";
import { UsageError } from "../run/errors.ts";
import type { Split } from "../tasks/row.ts";
import { language } from "../text/languages.ts";
import { checkFolder, type WrittenFile, writeFiles } from "./data-written.ts";
import { list, oneOf, whole } from "./options.ts";
import { alignedTable } from "./table.ts";

interface Options {
  questions?: string;
  task?: string;
  data?: string;
  split: Split;
  scaffold: "released" | "none";
  sources: string[];
  target: string;
  limit?: number;
  instruction: InstructionPlace;
  sentence: string;
  validation: number;
  seed: number;
  name?: string;
  parity?: boolean;
  output: string;
  json?: boolean;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("Expected a number from 0 to below 1.");
  return value;
}

async function questionsOf(options: Options, codes: readonly string[], target: string): Promise<Questions> {
  const { questions, task, data, split, scaffold } = options;
  if ((questions === undefined) === (task === undefined))
    throw new UsageError("Give either --questions PATH, or --task NAME with --data DIR.");
  if (questions !== undefined) return readQuestions(questions, codes, target);
  if (data === undefined) throw new UsageError("--task: it needs --data, the folder with one subfolder per task.");
  return taskQuestions(task!, { folder: data, split, codes, target, scaffold });
}

async function build(options: Options): Promise<void> {
  const codes = options.sources.map((spelling) => language(spelling).code);
  const target = language(options.target).code;
  if (codes.length === 0 || new Set([...codes, target]).size < codes.length + 1)
    throw new UsageError(
      `--sources: expected different languages other than the target ${target}, got ${codes.join(", ") || "none"}.`,
    );
  checkFolder(options.output);
  const built = buildQuestions(await questionsOf(options, codes, target), {
    ...{ codes, target, limit: options.limit, validation: options.validation, seed: options.seed },
    template: { sentence: options.sentence, place: options.instruction },
    parity: options.parity ?? false,
  });
  const name = options.name ?? options.task ?? "questions";
  const files = options.parity
    ? released(built, name, codes, target)
    : clean(built, `${name}.${codes.join("_")}-${target}`);
  const summary = summaryOf(options, built, files);
  const cards: WrittenFile[] = options.parity
    ? []
    : [{ name: "question-translation.md", pieces: [card("Question translation", summary)] }];
  writeFiles(options.output, [...files, ...cards]);
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : describe(summary));
  if (options.task !== undefined && options.split !== "train")
    process.stderr.write(
      `caution: these are questions of ${options.task}'s ${options.split} split; do not evaluate on it afterwards\n`,
    );
}

type BuiltFile = WrittenFile & { rows: number };

/** One file per split in folders of their own, so that no folder of training data holds the validation split. */
function clean({ train, validation }: QuestionsBuilt, name: string): BuiltFile[] {
  const file = (folder: string, rows: readonly QuestionRow[]): BuiltFile => ({
    name: `${folder}/${name}.jsonl`,
    pieces: rows.map((row) => `${JSON.stringify(row)}\n`),
    rows: rows.length,
  });
  return [file("train", train), ...(validation.length > 0 ? [file("validation", validation)] : [])];
}

function released(
  { train, rows }: QuestionsBuilt,
  name: string,
  codes: readonly string[],
  target: string,
): BuiltFile[] {
  return [
    {
      name: releasedName(name, codes, target, Math.max(...Object.values(rows))),
      pieces: [releasedText(train)],
      rows: train.length,
    },
  ];
}

function summaryOf(options: Options, built: QuestionsBuilt, files: readonly BuiltFile[]) {
  const { output: _, json: __, parity = false, ...settings } = options;
  return {
    settings: { ...settings, parity },
    files: files.map(({ name, rows }) => ({ name, rows })),
    ...{ questions: built.rows, left_out: built.leftOut, sources: built.sources },
  };
}

function describe({ files, questions, left_out: left }: ReturnType<typeof summaryOf>): string {
  const tables = [
    alignedTable(
      ["file", "rows"],
      files.map(({ name, rows }) => [name, String(rows)]),
    ),
    alignedTable(
      ["source", "questions"],
      Object.entries(questions).map(([code, count]) => [code, String(count)]),
    ),
    ...(left.length === 0
      ? []
      : [
          alignedTable(
            ["left out", "count", "why"],
            left.map((row) => [row.language, String(row.count), row.reason]),
          ),
        ]),
  ];
  return tables.join("\n");
}

export function define(command: Command): void {
  command
    .option("--questions <path>", "released JSON files, or parallel text: line-aligned files, TSV, JSON rows")
    .option("--task <name>", "instead: the questions of a task, such as xnli")
    .option("--data <folder>", "of --task: one subfolder per task in an official layout")
    .option("--split <split>", "of --task: train, dev or test", oneOf<Split>("train", "dev", "test"), "train")
    .option(
      "--scaffold <words>",
      'of --task: the released words around the fields (Premise: … Answer: ") where they are known, or none',
      oneOf("released", "none"),
      "released",
    )
    .requiredOption("--sources <list>", "languages that are translated from; several are mixed", list)
    .option("--target <language>", "language that is translated into", "en")
    .option("--limit <n>", "questions per source language, from the top", whole(1))
    .option(
      "--instruction <place>",
      "after the text (as released), before it, or none",
      oneOf(...instructionPlaces),
      "after",
    )
    .option(
      "--sentence <text>",
      "the instruction; {source} and {target} are the languages' names",
      releasedTemplate.sentence,
    )
    .option("--validation <share>", "share of the questions that is held out", share, 0.05)
    .option("--seed <n>", "seed of order and split", whole(0), 0)
    .option("--name <name>", "beginning of the file name (default: the task, or questions)")
    .option("--parity", "layout and name of the released files; nothing dropped, no split")
    .requiredOption("--output <folder>", "where the files go")
    .option("--json", "print the account as one JSON document")
    .action(build);
}
