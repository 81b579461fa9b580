import { type Command, InvalidArgumentError, Option } from "commander";
import { compareRuns } from "../report/compare.ts";
import { gateText } from "../report/compare-gate.ts";
import { type Grouping, groupings } from "../report/compare-groups.ts";
import { comparisonText } from "../report/compare-text.ts";
import { type Correction, corrections } from "../stats/corrections.ts";
import { findLanguage } from "../text/languages.ts";
import { list } from "./options.ts";

interface Options {
  metrics?: string[];
  groupBy: Grouping;
  correction: Correction;
  failIfWorse?: number;
  significant?: boolean;
  json?: boolean;
}

function percentagePoints(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0) || !Number.isFinite(value))
    throw new InvalidArgumentError("Expected percentage points, a number from 0.");
  return value;
}

/** Exit code where a threshold that was asked for is not met. */
const thresholdMissed = 100;

export function define(command: Command): void {
  command
    .argument(
      "<results...>",
      "run folders or results.json files, the baseline first; a run folder alone: before, after",
    )
    .option("--metrics <list>", "metrics to compare, or all; default one accuracy of each task, no rates", list)
    .addOption(new Option("--group-by <kind>", "groups of languages").choices(groupings).default("alignment"))
    .addOption(
      new Option("--correction <method>", "of p-values over the languages of a task")
        .choices(Object.keys(corrections))
        .default("holm"),
    )
    .option("--fail-if-worse <points>", "exit code 100 when a value fell by more percentage points", percentagePoints)
    .option("--significant", "with --fail-if-worse: count only falls with a corrected p below 0.05")
    .option("--json", "one JSON document")
    .action((paths: string[], options: Options) => {
      const { metrics, groupBy, correction, failIfWorse: points, significant = false } = options;
      const report = compareRuns(paths, {
        ...(metrics && { metrics }),
        groupBy,
        correction,
        describe: findLanguage,
        ...(points !== undefined && { gate: { points, significant } }),
      });
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : comparisonText(report));
      process.stderr.write(gateText(report));
      if (report.gate?.failed) process.exitCode = thresholdMissed;
    });
}
