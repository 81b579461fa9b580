import type { Command } from "commander";
import { sentenceStates } from "../lenses/sentence-states.ts";
import { loadModel } from "../models/load.ts";
import type { Pooling } from "../nn/index.ts";
import { setThreads, writeSafetensors } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { asString, readInputLines } from "./lines.ts";
import { addCommonOptions, type CommonOptions, whole } from "./options.ts";
import { asPooling } from "./pooling.ts";
import { progress } from "./progress.ts";

interface Options extends CommonOptions {
  model: string;
  adapter?: string;
  layer: number;
  pooling: Pooling;
  output?: string;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder")
    .option("--adapter <folder>", "PEFT adapter")
    .requiredOption("--layer <n>", "0 = embedding output, L = last block after the final norm", whole(0))
    .requiredOption("--pooling <kind>", "last, mean, weighted or max", asPooling)
    .option("--output <file>", "write one tensor `embeddings` [N D] to a safetensors file instead")
    .addHelpText("after", "\nReads JSON strings, one per line, and writes one JSON array per line.")
    .action(async (options: Options) => {
      if (options.threads !== undefined) setThreads(options.threads);
      const [model, tokenizer] = await Promise.all([loadModel(options.model, options), loadTokenizer(options.model)]);
      const texts = await readInputLines(asString, "a JSON string");
      const bar = progress("embed", options);
      const { layer, pooling, batchTokens, dtype } = options;
      const states = await sentenceStates(model, tokenizer, texts, {
        layers: [layer],
        poolings: [pooling],
        batchTokens,
        compute: dtype,
        progress: bar.update,
      });
      bar.finish();
      const vectors = states.of(layer, pooling);
      if (options.output !== undefined) {
        writeSafetensors(options.output, new Map([["embeddings", vectors]]));
        return;
      }
      const flat = vectors.toFloats();
      const width = model.config.width;
      for (let row = 0; row < texts.length; row++)
        process.stdout.write(`${JSON.stringify([...flat.subarray(row * width, (row + 1) * width)])}\n`);
    });
}
