import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { measuredModel } from "../recipe/evaluate.ts";
import { addCommonOptions, type CommonOptions, list, whole, wholes } from "./options.ts";
import { alignedTable } from "./table.ts";
import { watched } from "./watch.ts";

interface Options extends CommonOptions {
  model: string;
  adapter?: string;
  tasks: string[];
  languages: string[];
  shots: number[];
  data: string;
  limit?: number;
  prompts: "interlingua" | "harness";
  output: string;
  json?: boolean;
}

function asPrompts(text: string): Options["prompts"] {
  if (text === "interlingua" || text === "harness") return text;
  throw new InvalidArgumentError("Expected interlingua or harness.");
}

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder")
    .option("--adapter <folder>", "PEFT adapter")
    .requiredOption("--tasks <list>", "xnli, pawsx, flores (bits per byte)", list)
    .requiredOption("--languages <list>", "languages, any spelling", list)
    .option("--shots <list>", "demonstrations before each example", wholes, [0])
    .requiredOption("--data <folder>", "one subfolder per task in an official layout")
    .option("--limit <n>", "examples per language, from the top", whole(1))
    .option("--prompts <set>", "prompt set: interlingua or harness", asPrompts, "interlingua")
    .requiredOption("--output <run>", "run folder; results go to eval/<model>/ in it")
    .option("--json", "print results.json instead of a table")
    .action((options: Options) =>
      watched(options.quiet, async (watch) => {
        const file = await measuredModel({ ...options, data: resolve(options.data), compute: options.dtype, watch });
        if (options.json) process.stdout.write(`${JSON.stringify(file)}\n`);
        else {
          const figure = (value: number) => value.toFixed(4);
          const rows = file.results.map((row) => [
            row.task,
            row.language,
            String(row.shots),
            row.metric,
            figure(row.value),
            `${figure(row.low)}–${figure(row.high)}`,
            String(row.n),
          ]);
          process.stdout.write(
            alignedTable(["task", "language", "shots", "metric", "value", "95 % interval", "n"], rows),
          );
        }
      }),
    );
}
