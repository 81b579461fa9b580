import type { Model } from "../model.ts";

/** How texts are continued. What is absent is off: of a model's generation_config.json only the end ids apply unasked. */
export interface GenerateOptions {
  /** at most this many tokens are added to each prompt; default 64 */
  maxNewTokens?: number;
  /** hypotheses that are kept per prompt; default 1 */
  beams?: number;
  /** a finished hypothesis scores (sum of log-probabilities) / lengthᵖ; default p = 1 */
  lengthPenalty?: number;
  /** softmax(logits / temperature) is sampled from; 0, the default, takes the most probable token */
  temperature?: number;
  /** only the k most probable tokens */
  topK?: number;
  /** only the most probable tokens that together reach p (Holtzman et al. 2020) */
  topP?: number;
  /** only tokens at least this fraction as probable as the most probable one */
  minP?: number;
  /** divides the positive logits of tokens that have occurred, and multiplies their negative ones (Keskar et al. 2019); default 1 */
  repetitionPenalty?: number;
  /** ids that end a text; default those of generation_config.json, [] never ends */
  eosTokenIds?: readonly number[];
  /** ends a row when its new text holds one of these strings; `decode` turns ids into text */
  stop?: { strings: readonly string[]; decode: (ids: readonly number[]) => Promise<string> };
  /** of sampling; a row's draws do not depend on the others. Default 0 */
  seed?: number;
  /** padded tokens, new ones included, of the rows that run together; default 8192 */
  batchTokens?: number;
  /** stops between two tokens with the signal's reason */
  signal?: AbortSignal;
}

/** The options with their defaults, checked. */
export interface Generation extends GenerateOptions {
  maxNewTokens: number;
  beams: number;
  lengthPenalty: number;
  temperature: number;
  repetitionPenalty: number;
  eosTokenIds: readonly number[];
  seed: number;
  batchTokens: number;
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new RangeError(`generate: ${name}: expected ${expected}, received ${String(value)}.`);
}

const isWhole = (value: number) => Number.isInteger(value) && value >= 1;
const isShare = (value: number) => value > 0 && value <= 1;

function checkSampling({ beams, temperature, topK, topP, minP }: Generation): void {
  if (!(temperature >= 0)) refuse("temperature", "a number from 0", temperature);
  if (topK !== undefined && !isWhole(topK)) refuse("topK", "a whole number from 1", topK);
  if (topP !== undefined && !isShare(topP)) refuse("topP", "a share above 0, at most 1", topP);
  if (minP !== undefined && !(minP >= 0 && minP <= 1)) refuse("minP", "a share from 0 to 1", minP);
  if (temperature === 0 && [topK, topP, minP].some((value) => value !== undefined))
    throw new RangeError("generate: topK, topP and minP choose what is sampled from; give a temperature above 0.");
  if (temperature > 0 && beams > 1)
    throw new RangeError("generate: beams take the best hypotheses; leave temperature at 0.");
}

export function resolveOptions(model: Model, options: GenerateOptions): Generation {
  if (model.bidirectional)
    throw new Error(
      `generate: ${model.config.family} is an encoder, which predicts no next token. Use it for sentence vectors.`,
    );
  const resolved: Generation = {
    ...options,
    maxNewTokens: options.maxNewTokens ?? 64,
    beams: options.beams ?? 1,
    lengthPenalty: options.lengthPenalty ?? 1,
    temperature: options.temperature ?? 0,
    repetitionPenalty: options.repetitionPenalty ?? 1,
    eosTokenIds: options.eosTokenIds ?? model.eosIds,
    seed: options.seed ?? 0,
    batchTokens: options.batchTokens ?? 8192,
  };
  if (!isWhole(resolved.maxNewTokens)) refuse("maxNewTokens", "a whole number from 1", resolved.maxNewTokens);
  if (!isWhole(resolved.beams)) refuse("beams", "a whole number from 1", resolved.beams);
  if (!(resolved.repetitionPenalty > 0)) refuse("repetitionPenalty", "a number above 0", resolved.repetitionPenalty);
  if (!Number.isFinite(resolved.lengthPenalty)) refuse("lengthPenalty", "a number", resolved.lengthPenalty);
  checkSampling(resolved);
  return resolved;
}
