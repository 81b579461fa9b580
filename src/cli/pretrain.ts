import { relative } from "node:path";
import type { Command } from "commander";
import { exported } from "../recipe/align.ts";
import { defineRecipeVerb } from "./recipe-run.ts";

export function define(command: Command): void {
  command.addHelpText("after", "\nThe recipe's model is a config and a tokenizer: the weights start at random.");
  defineRecipeVerb(command, { measure: false, align: true, report: false }, async (folder) => {
    process.stdout.write(`${relative(process.cwd(), exported(folder)!.model!)}\n`);
  });
}
