import type { Command } from "commander";
import { addExportFlags, type ExportFlags, runExport } from "./export.ts";

export function define(command: Command): void {
  addExportFlags(
    command
      .requiredOption("--model <folder>", "Hugging Face folder or hub id of the base model")
      .requiredOption("--adapter <folder>", "PEFT adapter"),
  ).action(({ model, ...flags }: ExportFlags & { model: string }) => runExport(model, flags));
}
