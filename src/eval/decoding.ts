import { createHash } from "node:crypto";
import type { GenerateOptions } from "../models/generate/options.ts";

/** How answers are searched for or sampled; what is absent is greedy. */
export type Decoding = Pick<
  GenerateOptions,
  "beams" | "lengthPenalty" | "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty" | "seed"
>;

const usual: Readonly<Record<string, number>> = { beams: 1, lengthPenalty: 1, temperature: 0, repetitionPenalty: 1 };
const names: readonly (readonly [keyof Decoding, (value: number) => string])[] = [
  ["beams", (value) => `${value} beams`],
  ["lengthPenalty", (value) => `length penalty ${value}`],
  ["temperature", (value) => `temperature ${value}`],
  ["topK", (value) => `top-k ${value}`],
  ["topP", (value) => `top-p ${value}`],
  ["minP", (value) => `min-p ${value}`],
  ["repetitionPenalty", (value) => `repetition penalty ${value}`],
];

/** What is not as usual, in words; empty for greedy decoding. The seed counts where something is drawn. */
export function decodingName(decoding: Decoding): string {
  const said = names.flatMap(([name, text]) => {
    const value = decoding[name];
    return value === undefined || value === usual[name] ? [] : [text(value)];
  });
  const drawn = (decoding.temperature ?? 0) > 0 ? [`drawn with seed ${decoding.seed ?? 0}`] : [];
  return [...said, ...drawn].join(" ");
}

/** A seed for items that are answered together, so that no two groups draw the same numbers. */
export function groupSeed({ seed = 0 }: Decoding, firstId: string): number {
  return createHash("sha256").update(`${seed} ${firstId}`).digest().readUInt32LE();
}
