import { join, relative } from "node:path";
import type { Command } from "commander";
import { resolveModel } from "../hub/resolve.ts";
import { diagnose } from "../recipe/diagnose.ts";
import { collectReport } from "../report/collect.ts";
import { placeRecipe } from "../report/diagnosis-text.ts";
import { diagnosisTable } from "../report/lens/diagnosis.ts";
import { modelName } from "./lens-command.ts";
import { addCommonOptions, type CommonOptions, list, whole } from "./options.ts";
import { alignedTable } from "./table.ts";
import { watched } from "./watch.ts";

interface Options extends CommonOptions {
  model: string;
  adapter?: string;
  data?: string;
  parallel?: string;
  languages?: string[];
  tasks?: string[];
  limit: number;
  items: number;
  draws: number;
  output?: string;
  resume?: boolean;
  json?: boolean;
}

/** The verdict and the table of languages, as the report begins. */
async function print(path: string, { json }: Options): Promise<void> {
  const data = await collectReport(path);
  const { diagnosis, verdict } = data;
  if (diagnosis === undefined) throw new Error(`${path}: the folder has no diagnosis.`);
  if (json) {
    process.stdout.write(`${JSON.stringify({ model: data.run?.model, verdict, ...diagnosis })}\n`);
    return;
  }
  const plain = (text: string) => text.replaceAll("\u202f", " ");
  const { title, head, rows } = diagnosisTable(diagnosis);
  const recipe = placeRecipe(diagnosis);
  const table = alignedTable(
    head,
    rows.map((row) => row.map(plain)),
  );
  const details = verdict.details.map((text) => `- ${plain(text)}\n`).join("");
  process.stdout.write(`${plain(verdict.title)}\n\n${details}\n${title}\n\n${table}`);
  if (recipe !== undefined) process.stdout.write(`\n${recipe}`);
}

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder or hub id")
    .option("--adapter <folder>", "PEFT adapter")
    .option("--data <folder>", "one subfolder per data set in an official layout: flores200/, and tasks where at hand")
    .option("--parallel <path>", "sentence pairs instead of flores200/: TSVs, line-aligned files or JSONL")
    .option("--languages <list>", "languages, any spelling, pivot first; all that are there by default", list)
    .option("--tasks <list>", "multiple-choice tasks; by default the one whose files cover most languages", list)
    .option("--limit <n>", "lines per language, from the top; bits per byte from the first 40", whole(8), 64)
    .option("--items <n>", "task items per language, from the top", whole(1), 32)
    .option("--draws <n>", "bootstrap resamples, and shuffles of the pairs", whole(20), 200)
    .option("--output <run>", "run folder; by default runs/diagnose-<model>")
    .option("--resume", "go on in a run folder that exists; what is measured is not measured again")
    .option("--json", "print the diagnosis as JSON")
    .action((options: Options) =>
      watched(options.quiet, async (watch) => {
        const name = modelName(options.adapter ?? options.model);
        const model = { name: modelName(options.model), folder: await resolveModel(options.model) };
        const output = options.output ?? join("runs", `diagnose-${name}`);
        const folder = await diagnose({ ...options, model, compute: options.dtype, output, watch });
        await print(folder.path, options);
        watch.say(relative(process.cwd(), folder.reportHtml));
      }),
    );
}
