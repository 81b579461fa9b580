import type { Command } from "commander";
import { scoreRequests } from "../eval/score.ts";
import { loadModel } from "../models/load.ts";
import { setThreads } from "../tensor/index.ts";
import { encodePairs, type TextPair } from "../text/encode-pair.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { readInputLines, writeOutputLines } from "./lines.ts";
import { addCommonOptions, type CommonOptions } from "./options.ts";
import { progress } from "./progress.ts";

interface Options extends CommonOptions {
  model: string;
  adapter?: string;
}

function asPair(value: unknown): TextPair | undefined {
  const { context, continuation } = (value ?? {}) as Record<string, unknown>;
  return typeof context === "string" && typeof continuation === "string" ? { context, continuation } : undefined;
}

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder")
    .option("--adapter <folder>", "PEFT adapter")
    .addHelpText(
      "after",
      '\nReads {"context", "continuation"} per line, writes {"logprob", "greedy", "tokens"} per line in the same order.\nThe log-likelihood request of lm-evaluation-harness: natural logarithm, pairs encoded as it does.',
    )
    .action(async (options: Options) => {
      if (options.threads !== undefined) setThreads(options.threads);
      const [model, tokenizer] = await Promise.all([loadModel(options.model, options), loadTokenizer(options.model)]);
      const pairs = await readInputLines(asPair, '{"context": string, "continuation": string}');
      const bar = progress("score", options);
      const requests = await encodePairs(tokenizer, pairs);
      const scores = await scoreRequests(model, requests, {
        batchTokens: options.batchTokens,
        compute: options.dtype,
        progress: bar.update,
      });
      bar.finish();
      writeOutputLines(scores);
    });
}
