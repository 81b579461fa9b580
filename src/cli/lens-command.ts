import { basename, dirname, resolve } from "node:path";
import type { Command } from "commander";
import { resolveModel } from "../hub/resolve.ts";
import { type Drawing, writeLensFiles } from "../lenses/lens-files.ts";
import { findSubjects, type Subject } from "../lenses/subject.ts";
import { StoppedError, type Watch } from "../recipe/watch.ts";
import type { TextTable } from "../report/lens/table.ts";
import { type Figure, standaloneSvg } from "../report/svg/figure.ts";
import { writeAtomic } from "../run/atomic.ts";
import { runFolder } from "../run/folder.ts";
import type { LensFile } from "../run/records.ts";
import { setThreads } from "../tensor/index.ts";
import { addCommonOptions, type CommonOptions, list } from "./options.ts";
import { alignedTable } from "./table.ts";
import { watched } from "./watch.ts";

/** Flags that every lens takes. */
export interface LensOptions extends CommonOptions {
  model?: string[];
  adapter?: string[];
  run?: string[];
  output?: string;
  svg?: string;
  json?: boolean;
}

/** A lens for the command line: what it computes, and how that is shown. */
export interface LensVerb<O extends LensOptions> {
  look(subjects: readonly Subject[], options: O, watch: Watch): Promise<LensFile[]>;
  figure(files: readonly LensFile[], options: O): Figure;
  tables(files: readonly LensFile[], options: O): TextTable[];
}

/** Flags of the lenses that read sentences. */
export interface TextLensOptions extends LensOptions {
  data: string;
  languages?: string[];
  limit?: number;
}

export const addTextOptions = (command: Command): Command =>
  command
    .requiredOption("--data <folder>", "one subfolder per data set in an official layout, such as flores200/")
    .option("--languages <list>", "languages, any spelling, pivot first; all that are there by default", list)
    .option("--limit <n>", "texts per language, from the top", Number);

/** Gives a command the common flags and the action that looks, writes, draws and prints. */
export function lensAction<O extends LensOptions>(command: Command, verb: LensVerb<O>): void {
  addCommonOptions(command)
    .option("--model <folders...>", "Hugging Face folders or hub ids; several are laid over each other")
    .option("--adapter <folders...>", "PEFT adapters, each looked at beside the first model")
    .option("--run <runs...>", "run folders of studies: the model before and after")
    .option("--output <run>", "run folder for lens/<model>/<lens>.json and the chart; that of --run by default")
    .option("--svg <file>", "write the chart here")
    .option("--json", "print the lens file (an array of them where there are several models) instead of tables")
    .action((options: O) => watched(options.quiet, (watch) => look(verb, options, watch)));
}

/** What a model is called: its folder, or the run that made it. */
export function modelName(place: string): string {
  const path = resolve(place);
  return ["model", "adapter"].includes(basename(path)) ? basename(dirname(path)) : basename(path);
}

async function look<O extends LensOptions>(verb: LensVerb<O>, options: O, watch: Watch): Promise<void> {
  if (options.threads !== undefined) setThreads(options.threads);
  const { adapter: adapters, run: runs } = options;
  const models = await Promise.all(
    (options.model ?? []).map(async (place) => ({ name: modelName(place), folder: await resolveModel(place) })),
  );
  const subjects = findSubjects({ models, adapters, runs });
  let files: LensFile[];
  try {
    files = await verb.look(subjects, options, watch);
  } catch (error) {
    if (watch.signal.aborted) throw new StoppedError("stopped; nothing was written");
    throw error;
  }
  show(verb, files, options, watch);
}

function show<O extends LensOptions>(verb: LensVerb<O>, files: LensFile[], options: O, watch: Watch): void {
  const figure = verb.figure(files, options);
  const drawing: Drawing = { name: figure.lens, svg: standaloneSvg(figure) };
  const output = options.output ?? options.run?.[0];
  if (output !== undefined) for (const path of writeLensFiles(runFolder(output), files, [drawing])) watch.say(path);
  if (options.svg !== undefined) writeAtomic(options.svg, drawing.svg);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(files.length === 1 ? files[0] : files)}\n`);
    return;
  }
  const plain = (text: string) => text.replaceAll("\u202f", " ");
  const tables = verb.tables(files, options).map(({ title, head, rows }) => {
    const cells = rows.map((row) => row.map(plain));
    return `${title}\n\n${alignedTable(head, cells)}`;
  });
  process.stdout.write(tables.join("\n"));
}
