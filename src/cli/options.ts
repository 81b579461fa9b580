import { type Command, InvalidArgumentError } from "commander";

/** Flags that every verb with a model takes. */
export interface CommonOptions {
  device: string;
  dtype: "float32" | "bfloat16" | "float16";
  threads?: number;
  seed: number;
  batchTokens: number;
  quiet?: boolean;
}

/** A whole number of at least `minimum`, for commander. */
export const whole =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum)
      throw new InvalidArgumentError(`Expected a whole number from ${minimum}.`);
    return value;
  };

/** A comma-separated list, for commander. */
export const list = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

export const wholes = (text: string): number[] => list(text).map(whole(0));

/** One of a few words, for commander. */
export const oneOf =
  <T extends string>(...allowed: readonly T[]) =>
  (text: string): T => {
    if (!allowed.includes(text as T)) throw new InvalidArgumentError(`Expected one of ${allowed.join(", ")}.`);
    return text as T;
  };

export const automaticBatchTokens = 4096;

export function addCommonOptions(command: Command): Command {
  return command
    .option("--device <device>", "auto, cpu, cuda or mps", "auto")
    .option(
      "--dtype <type>",
      "type of the products: float32, bfloat16, float16",
      oneOf("float32", "bfloat16", "float16"),
      "float32",
    )
    .option("--threads <n>", "CPU threads per op; all cores by default", whole(1))
    .option("--seed <n>", "seed of everything random", whole(0), 0)
    .option(
      "--batch-tokens <n>",
      "padded tokens per batch, or auto",
      (text) => (text === "auto" ? automaticBatchTokens : whole(16)(text)),
      automaticBatchTokens,
    )
    .option("--quiet", "no progress");
}
