import type { Command } from "commander";
import { collectReport } from "../report/collect.ts";
import { headlineTable } from "../report/headline.ts";
import { writeReport } from "../report/write.ts";

export function define(command: Command): void {
  command
    .argument("<run...>", "run folders")
    .option("--output <folder>", "where to write, for a single run; default the run folder")
    .option("--json", "print the report's JSON instead of the headline table")
    .action(async (runs: string[], options: { output?: string; json?: boolean }) => {
      for (const run of runs) {
        const data = await collectReport(run);
        const files = await writeReport(run, options.output === undefined ? {} : { output: options.output });
        process.stdout.write(options.json ? `${JSON.stringify(data)}\n` : headlineTable(data));
        process.stderr.write(`${files.html}\n`);
      }
    });
}
