import { relative } from "node:path";
import type { Command } from "commander";
import { describeCounts, describeSamples } from "../recipe/describe-rows.ts";
import { exported } from "../recipe/exported.ts";
import type { TrainingPlan } from "../recipe/plan.ts";
import { describePreflight } from "../recipe/preflight.ts";
import type { ResumeCheck } from "../recipe/preview.ts";
import { whole } from "./options.ts";
import { defineRecipeVerb } from "./recipe-run.ts";
import { alignedTable } from "./table.ts";

function describePlan({ objectives, steps, parameters, need, counts, samples }: TrainingPlan): string {
  const rows = objectives.map((o) => [
    o.name,
    String(o.weight),
    String(o.rows),
    `${o.unitsPerStep} ${o.unit}`,
    String(o.tokensPerStep),
  ]);
  return `${alignedTable(["objective", "weight", "rows", "a step has", "tokens"], rows)}
${steps} steps; ${(parameters / 1e6).toFixed(1)} M parameters
${describePreflight(need)}

Rows by language, as read:
${describeCounts(counts)}

First rows; what stands in ⟦ ⟧ is read, not learned:

${describeSamples(samples)}
`;
}

function verified({ identical, steps }: ResumeCheck): void {
  if (!identical)
    throw new Error(`A run of ${steps} steps that was stopped and resumed has other weights than one that was not.`);
  process.stdout.write(`resumed = uninterrupted, bit for bit (${steps} steps)\n`);
}

export function define(command: Command): void {
  command.option("--dry-run", "read the data, show the plan and a sample of every objective, write nothing");
  command.option("--verify-resume", "train a few steps twice, once stopped and resumed, and compare the weights");
  command.option(
    "--processes <n>",
    "train in so many processes of this machine (torchrun's variables work too)",
    whole(1),
  );
  defineRecipeVerb(
    command,
    { measure: false, align: true, report: false },
    async (folder) => {
      const { model, adapter } = exported(folder)!;
      process.stdout.write(`${relative(process.cwd(), (model ?? adapter)!)}\n`);
    },
    { planned: (plan) => void process.stdout.write(describePlan(plan)), verified },
  );
}
