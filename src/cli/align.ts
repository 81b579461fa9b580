import type { Command } from "commander";
import { exported } from "../recipe/align.ts";
import { defineRecipeVerb } from "./recipe-run.ts";

export function define(command: Command): void {
  defineRecipeVerb(command, { measure: false, align: true, report: false }, async (folder) => {
    const { model, adapter } = exported(folder)!;
    process.stdout.write(`${model ?? adapter}\n`);
  });
}
