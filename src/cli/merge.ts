import type { Command } from "commander";
import { resolveModel } from "../hub/resolve.ts";
import { loadModel } from "../models/load.ts";
import { largestDifference, mergeAdapter } from "../models/merge.ts";
import { saveModel } from "../models/save.ts";
import { loadTokenizer } from "../text/tokenizer.ts";

/** Short texts of several scripts, so that a wrong merge shows wherever it is. */
const probes = [
  "The house is small.",
  "Das Haus ist klein.",
  "Дом маленький.",
  "房子很小。",
  "घर छोटा है।",
  "البيت صغير.",
];

/** Above this, relative to the largest logit, the merged model is not the adapted one. */
const tolerance = 1e-4;

export function define(command: Command): void {
  command
    .requiredOption("--model <folder>", "Hugging Face folder or hub id of the base model")
    .requiredOption("--adapter <folder>", "PEFT adapter")
    .requiredOption("--output <folder>", "where the merged Hugging Face folder goes")
    .action(async (options: { model: string; adapter: string; output: string }) => {
      const base = await resolveModel(options.model);
      const tokenizer = await loadTokenizer(base);
      const [adapted, merged] = await Promise.all(
        [options, options].map(() => loadModel(base, { device: "cpu", copy: true, adapter: options.adapter })),
      );
      const layers = mergeAdapter(merged!);
      saveModel(merged!, options.output, base);
      const exported = await loadModel(options.output, { device: "cpu" });
      const rows = (await tokenizer.encodeBatch(probes)).map(({ ids }) => ids);
      const difference = largestDifference(adapted!, exported, rows);
      if (difference > tolerance)
        throw new Error(
          `${options.output}: the merged model's logits differ from the adapted model's by ${difference.toExponential(1)} of the largest; expected at most ${tolerance}. Do not use it.`,
        );
      process.stderr.write(
        `${layers} layers merged in float32; read back, logits differ by ${difference.toExponential(1)} of the largest\n`,
      );
      process.stdout.write(`${options.output}\n`);
    });
}
