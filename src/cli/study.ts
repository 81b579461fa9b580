import { relative } from "node:path";
import type { Command } from "commander";
import { collectReport } from "../report/collect.ts";
import { headlineTable } from "../report/headline.ts";
import { defineRecipeVerb } from "./recipe-run.ts";

export function define(command: Command): void {
  defineRecipeVerb(command, { measure: true, align: true, report: true }, async (folder) => {
    process.stdout.write(headlineTable(await collectReport(folder.path)));
    process.stdout.write(`\n${relative(process.cwd(), folder.reportHtml)}\n`);
  });
}
