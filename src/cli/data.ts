import type { Command } from "commander";
import { readInstructions } from "../data/instructions.ts";
import { readParallel } from "../data/parallel.ts";
import { readText } from "../data/text.ts";
import type { DataSource } from "../run/records.ts";
import { define as defineBuild } from "./data-build.ts";
import { list } from "./options.ts";
import { alignedTable } from "./table.ts";

/** What a path holds, as training would read it. */
interface Inspection {
  kind: "parallel" | "instructions" | "text";
  rows: number;
  skipped: number;
  sources: DataSource[];
  samples: Record<string, string>[];
}

interface Options {
  as: Inspection["kind"];
  languages?: string[];
  json?: boolean;
}

const shown = 3;

function inspect(path: string, { as, languages }: Options): Inspection {
  if (as === "parallel") {
    const { pairs, skipped, sources } = readParallel(path, languages ?? []);
    const samples = pairs.slice(0, shown).map(({ a, b, languages: [x, y] }) => ({ [x]: a, [y]: b }));
    return { kind: as, rows: pairs.length, skipped, sources, samples };
  }
  if (as === "instructions") {
    const { rows, skipped, sources } = readInstructions(path, { languages, crossLingualShare: 0.5, seed: 0 });
    return { kind: as, rows: rows.length, skipped, sources, samples: rows.slice(0, shown).map((row) => ({ ...row })) };
  }
  const { documents, sources } = readText(path, languages);
  return {
    kind: as,
    rows: documents.length,
    skipped: 0,
    sources,
    samples: documents.slice(0, shown).map((text) => ({ text })),
  };
}

function describe({ kind, rows, skipped, sources, samples }: Inspection): string {
  const files = sources.map(({ path, language = "", rows: count, sha256 }) => [
    path,
    language,
    String(count),
    sha256.slice(0, 12),
  ]);
  const examples = samples.map((sample) =>
    Object.entries(sample)
      .map(([key, text]) => `  ${key}: ${JSON.stringify(text)}`)
      .join("\n"),
  );
  return `${alignedTable(["file", "language", "rows", "sha256"], files)}\n${kind}: ${rows} rows${skipped > 0 ? `, ${skipped} left out (empty, or both sides the same)` : ""}\n\n${examples.join("\n\n")}\n`;
}

export async function define(command: Command): Promise<void> {
  await defineBuild(command);
  command
    .command("inspect")
    .description("read training data as a recipe would, and show what it is")
    .argument("<path...>", "files or folders")
    .requiredOption("--as <kind>", "parallel, instructions or text")
    .option("--languages <list>", "languages to take; the pivot first for parallel text", list)
    .option("--json", "one JSON document")
    .action((paths: string[], options: Options) => {
      const found = paths.map((path) => inspect(path, options));
      process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : found.map(describe).join("\n"));
    });
}
