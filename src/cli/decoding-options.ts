import { type Command, InvalidArgumentError } from "commander";
import type { Decoding } from "../eval/decoding.ts";
import { whole } from "./options.ts";

/** Flags of verbs that let a model write. */
export type DecodingOptions = Omit<Decoding, "seed">;

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

export function addDecodingOptions(command: Command): Command {
  return command
    .option("--beams <n>", "hypotheses kept per prompt", whole(1), 1)
    .option("--length-penalty <p>", "a hypothesis scores log-probability / lengthᵖ", number, 1)
    .option("--temperature <t>", "sample from softmax(logits / t); 0 takes the most probable token", number, 0)
    .option("--top-k <k>", "sample from the k most probable tokens", whole(1))
    .option("--top-p <p>", "sample from the most probable tokens that together reach p", number)
    .option("--min-p <p>", "sample from tokens at least p times as probable as the most probable one", number)
    .option("--repetition-penalty <p>", "divides the scores of tokens that have occurred", number, 1);
}

const keys = ["beams", "lengthPenalty", "temperature", "topK", "topP", "minP", "repetitionPenalty"] as const;

/** The decoding among a verb's options. */
export function decodingOf(options: DecodingOptions): DecodingOptions {
  const given = keys.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}
