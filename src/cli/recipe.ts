import type { Command } from "commander";
import { recipeJsonSchema, recipeKeys, recipeMarkdown } from "../recipe/describe.ts";
import { alignedTable } from "./table.ts";

function keyTable(): string {
  return alignedTable(
    ["key", "type", "default", ""],
    recipeKeys().map((row) => [
      row.key,
      row.type.length > 40 ? `${row.type.slice(0, 39)}…` : row.type,
      row.default === undefined ? "" : JSON.stringify(row.default),
      row.text,
    ]),
  );
}

export function define(command: Command): void {
  command
    .addHelpText("after", () => `\nKeys of a recipe (YAML):\n\n${keyTable()}`)
    .action(() => {
      process.stdout.write(keyTable());
    });
  command
    .command("schema")
    .description("JSON Schema of a recipe, for editors")
    .action(() => {
      process.stdout.write(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
    });
  command
    .command("markdown")
    .description("the keys as a page for docs/recipe.md")
    .action(() => {
      process.stdout.write(recipeMarkdown());
    });
}
