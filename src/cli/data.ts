import type { Command } from "commander";
import { define as defineBuild } from "./data-build.ts";
import { define as defineDoctor } from "./data-doctor.ts";
import { define as defineInspect } from "./data-inspect.ts";

export async function define(command: Command): Promise<void> {
  defineInspect(command);
  defineDoctor(command);
  await defineBuild(command);
}
