import type { Source } from "../text/source.ts";
import type { LeftOut } from "./left-out.ts";

/** What a build was told and what came of it. */
export interface BuildSummary {
  settings: object;
  files: readonly { name: string; rows: number }[];
  left_out: readonly LeftOut[];
  sources: readonly Source[];
}

/** The account that lies beside built files, as Markdown, which no reader of training data takes for data. */
export function card(title: string, summary: BuildSummary): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
    [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
  const { settings, files, sources, left_out: leftOut, ...more } = summary;
  const parts = [
    `# ${title}`,
    "Made by `interlingua data build`; the same settings and sources give the same bytes.",
    table(
      ["file", "rows"],
      files.map(({ name, rows }) => [name, rows]),
    ),
    table(
      ["source", "rows", "sha256"],
      sources.map(({ path, rows, sha256 }) => [path, rows, sha256]),
    ),
    ...(leftOut.length === 0
      ? ["Nothing was left out."]
      : [
          table(
            ["left out", "count", "why"],
            leftOut.map(({ language, count, reason }) => [language, count, reason]),
          ),
        ]),
    `\`\`\`json\n${JSON.stringify({ settings, ...more }, null, 2)}\n\`\`\``,
  ];
  return `${parts.join("\n\n")}\n`;
}
