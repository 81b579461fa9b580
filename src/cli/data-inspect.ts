import { type Command, InvalidArgumentError } from "commander";
import { readAfpRows } from "../data/afp/rows.ts";
import { type Detected, detect } from "../data/doctor/detect.ts";
import { readInstructions } from "../data/instructions.ts";
import { readParallel } from "../data/parallel.ts";
import { readText } from "../data/text.ts";
import type { DataSource } from "../run/records.ts";
import { list } from "./options.ts";
import { alignedTable } from "./table.ts";

/** What a path holds, as training would read it. */
interface Inspection {
  kind: Detected["kind"];
  /** by file, where it was told from the contents */
  layouts: Detected["layouts"];
  rows: number;
  skipped: number;
  sources: DataSource[];
  samples: Record<string, string>[];
}

interface Options {
  as?: Inspection["kind"];
  languages?: string[];
  json?: boolean;
}

const shown = 3;

function inspect(path: string, options: Options): Inspection {
  const detected: Detected = options.as ? { kind: options.as, layouts: [], languages: [] } : detect(path);
  const { kind, layouts } = detected;
  const languages = options.languages ?? (kind === "parallel" ? detected.languages : undefined);
  return { kind, layouts, ...read(kind, path, languages) };
}

const total = (counts: readonly { count: number }[]): number => counts.reduce((sum, { count }) => sum + count, 0);

function read(
  kind: Inspection["kind"],
  path: string,
  languages: string[] | undefined,
): Omit<Inspection, "kind" | "layouts"> {
  if (kind === "parallel") {
    const { pairs, skipped, sources } = readParallel(path, languages ?? []);
    const samples = pairs.slice(0, shown).map(({ a, b, languages: [x, y] }) => ({ [x]: a, [y]: b }));
    return { rows: pairs.length, skipped, sources, samples };
  }
  if (kind === "instructions") {
    const { rows, skipped, sources } = readInstructions(path, { languages, crossLingualShare: 0.5, seed: 0 });
    return { rows: rows.length, skipped, sources, samples: rows.slice(0, shown).map((row) => ({ ...row })) };
  }
  if (kind === "afp") {
    const { pairs, instructions, leftOut, sources } = readAfpRows(path);
    const samples = instructions
      .slice(0, shown)
      .map((row, i) => ({ sent0: pairs[i]?.a ?? "", sent1: pairs[i]?.b ?? "", ...row }));
    return { rows: Math.max(pairs.length, instructions.length), skipped: total(leftOut), sources, samples };
  }
  const { documents, sources } = readText(path, languages);
  return { rows: documents.length, skipped: 0, sources, samples: documents.slice(0, shown).map((text) => ({ text })) };
}

function describe({ kind, layouts, rows, skipped, sources, samples }: Inspection): string {
  const files = sources.map(({ path, language = "", rows: count, sha256 }) => [
    path,
    language,
    String(count),
    sha256.slice(0, 12),
    ...(layouts.length > 0 ? [layouts.find((file) => file.path === path)?.layout ?? ""] : []),
  ]);
  const examples = samples.map((sample) =>
    Object.entries(sample)
      .map(([key, text]) => `  ${key}: ${JSON.stringify(text)}`)
      .join("\n"),
  );
  return `${alignedTable(["file", "language", "rows", "sha256", ...(layouts.length > 0 ? ["layout"] : [])], files)}\n${kind}: ${rows} rows${skipped > 0 ? `, ${skipped} left out (empty, or both sides the same)` : ""}\n\n${examples.join("\n\n")}\n`;
}

const kinds: readonly Detected["kind"][] = ["parallel", "instructions", "afp", "text"];

function asKind(text: string): Detected["kind"] {
  const found = kinds.find((kind) => kind === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${kinds.join(", ")}.`);
  return found;
}

export function define(data: Command): void {
  data
    .command("inspect")
    .description("read training data as a recipe would, and show what it is")
    .argument("<path...>", "files or folders")
    .option("--as <kind>", `${kinds.join(", ")}; told from the contents by default`, asKind)
    .option("--languages <list>", "languages to take; the pivot first for parallel text", list)
    .option("--json", "one JSON document")
    .action((paths: string[], options: Options) => {
      const found = paths.map((path) => inspect(path, options));
      process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : found.map(describe).join("\n"));
    });
}
