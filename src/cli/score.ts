import type { Command } from "commander";
import { scoreRequests } from "../eval/score.ts";
import { scoreTexts } from "../eval/score-texts.ts";
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
  rolling?: boolean;
}

function asPair(value: unknown): TextPair | undefined {
  const { context, continuation } = (value ?? {}) as Record<string, unknown>;
  return typeof context === "string" && typeof continuation === "string" ? { context, continuation } : undefined;
}

function asText(value: unknown): string | undefined {
  const { text } = (value ?? {}) as Record<string, unknown>;
  return typeof text === "string" ? text : undefined;
}

const help = `
Reads {"context", "continuation"} per line, writes {"logprob", "greedy", "tokens"} per line in the same order.
The log-likelihood request of lm-evaluation-harness: natural logarithm, pairs encoded as it does.
With --rolling, reads {"text"} per line, writes {"logprob", "tokens"}: its loglikelihood_rolling.`;

export function define(command: Command): void {
  addCommonOptions(command)
    .requiredOption("--model <folder>", "Hugging Face folder or hub id")
    .option("--adapter <folder>", "PEFT adapter")
    .option("--rolling", "whole texts, in windows of the model's length")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      if (options.threads !== undefined) setThreads(options.threads);
      const [model, tokenizer] = await Promise.all([loadModel(options.model, options), loadTokenizer(options.model)]);
      const bar = progress("score", options);
      const scoring = { batchTokens: options.batchTokens, compute: options.dtype, progress: bar.update };
      if (options.rolling) {
        const texts = await readInputLines(asText, '{"text": string}');
        const scores = await scoreTexts(model, tokenizer, texts, scoring);
        bar.finish();
        writeOutputLines(scores.map(({ score, tokens }) => ({ logprob: score, tokens })));
        return;
      }
      const pairs = await readInputLines(asPair, '{"context": string, "continuation": string}');
      const scores = await scoreRequests(model, await encodePairs(tokenizer, pairs), scoring);
      bar.finish();
      writeOutputLines(scores);
    });
}
