import { type Command, InvalidArgumentError } from "commander";
import { exportFolder } from "../recipe/export.ts";
import { whole } from "./options.ts";

/** Flags of `export` and `merge`. */
export interface ExportFlags {
  adapter?: string;
  output: string;
  dtype?: "float32" | "bfloat16" | "float16";
  maxShardSize?: number;
  tolerance?: number;
  threads?: number;
  quiet?: boolean;
  json?: boolean;
}

function asDtype(text: string): ExportFlags["dtype"] {
  if (text === "float32" || text === "bfloat16" || text === "float16") return text;
  throw new InvalidArgumentError("Expected float32, bfloat16 or float16.");
}

/** "5GB" in bytes, in decimal units as transformers counts them. */
function asBytes(text: string): number {
  const [, number, unit] = text.match(/^(\d+(?:\.\d+)?)([KMG])B$/i) ?? [];
  const bytes = Number(number) * ({ K: 1e3, M: 1e6, G: 1e9 }[unit?.toUpperCase() ?? ""] ?? Number.NaN);
  if (!(bytes > 0)) throw new InvalidArgumentError("Expected a size such as 5GB or 500MB.");
  return bytes;
}

function asTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("Expected a number from 0.");
  return value;
}

export function addExportFlags(command: Command): Command {
  return command
    .requiredOption("--output <folder>", "Hugging Face folder to make")
    .option("--dtype <type>", "type of all weights on disk; default as the base has them", asDtype)
    .option("--max-shard-size <size>", "largest weight file, such as 5GB; default as the base is divided", asBytes)
    .option(
      "--tolerance <x>",
      "largest difference of a logit, relative to the largest; default what rounding explains",
      asTolerance,
    )
    .option("--threads <n>", "CPU threads per op; all cores by default", whole(1))
    .option("--json", "print export_report.json instead of the folder's name")
    .option("--quiet", "no messages");
}

/** An argument as a shell reads it. */
const quoted = (text: string): string => (/^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const typed = (): string => ["interlingua", ...process.argv.slice(2)].map(quoted).join(" ");

/** Exports, and says what the check found. A signal ends it at once; what it leaves is called DIR.unfinished, and the next one clears it. */
export async function runExport(source: string, flags: ExportFlags): Promise<void> {
  const { dtype, maxShardSize: shardBytes, tolerance, threads, adapter, output } = flags;
  const say = (text: string) => void (flags.quiet || process.stderr.write(`${text}\n`));
  const report = await exportFolder({
    source,
    output,
    command: typed(),
    say,
    ...(adapter !== undefined && { adapter }),
    ...(dtype !== undefined && { dtype }),
    ...(shardBytes !== undefined && { shardBytes }),
    ...(tolerance !== undefined && { tolerance }),
    ...(threads !== undefined && { threads }),
  });
  const { relative_difference: difference, probes, written, warnings } = report;
  say(
    `${written.dtype}, read back: on ${probes.length} probes logits differ by ${difference.toExponential(1)} of the largest (accepted: ${report.tolerance.toExponential(1)})`,
  );
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${output}\n`);
}

export function define(command: Command): void {
  addExportFlags(
    command
      .argument("<run-or-model>", "run folder, Hugging Face folder or hub id")
      .option("--adapter <folder>", "PEFT adapter to fold in; a run has its own"),
  ).action((source: string, flags: ExportFlags) => runExport(source, flags));
}
