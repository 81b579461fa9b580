import type { Command } from "commander";
import { loadTokenizer } from "../text/tokenizer.ts";
import { asString, readInputLines, writeOutputLines } from "./lines.ts";

export function define(command: Command): void {
  command
    .requiredOption("--model <folder>", "Hugging Face folder with tokenizer.json or tokenizer.model, or a hub id")
    .option("--no-special-tokens", "without the tokens that the post-processor adds")
    .addHelpText("after", '\nReads JSON strings, one per line, and writes {"ids", "tokens"} per line.')
    .action(async (options: { model: string; specialTokens: boolean }) => {
      const tokenizer = await loadTokenizer(options.model);
      const texts = await readInputLines(asString, "a JSON string");
      const encoded = await tokenizer.encodeBatch(texts, { addSpecialTokens: options.specialTokens });
      writeOutputLines(encoded.map(({ ids }) => ({ ids, tokens: tokenizer.tokens(ids) })));
    });
}
