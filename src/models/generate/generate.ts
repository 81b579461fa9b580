import type { Model } from "../model.ts";
import { searchBeams } from "./beam-search.ts";
import { type GenerateOptions, type Generation, resolveOptions } from "./options.ts";
import type { Row } from "./row.ts";
import { continueRows, type NewToken } from "./sequential.ts";

function toRow(model: Model, prompt: readonly number[], index: number, maxNewTokens: number): Row {
  const { maximumLength, family } = model.config;
  if (prompt.length === 0)
    throw new Error(`generate: prompt ${index} has no tokens; begin it with the tokenizer's BOS.`);
  if (prompt.length >= maximumLength)
    throw new Error(
      `generate: prompt ${index} has ${prompt.length} tokens; this ${family} model has ${maximumLength} positions. Shorten it.`,
    );
  return { index, prompt, ids: [], limit: Math.min(maxNewTokens, maximumLength - prompt.length) };
}

/** Rows of similar length in batches of at most `batchTokens` padded tokens, the longest first. */
function* batches(rows: readonly Row[], { batchTokens, beams }: Generation): Generator<Row[]> {
  const sorted = rows.toSorted((a, b) => b.prompt.length - a.prompt.length);
  for (let start = 0; start < sorted.length; ) {
    const { prompt, limit } = sorted[start]!;
    const size = Math.max(1, Math.floor(batchTokens / ((prompt.length + limit) * beams)));
    yield sorted.slice(start, start + size);
    start += size;
  }
}

/**
 * Continues prompts (token ids, special ones included). → the new ids of each, in input order, with the end id where one was
 * made. Greedy by default; a row's result does not depend on the others.
 */
export async function generate(
  model: Model,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions & { progress?: (done: number, total: number) => void } = {},
): Promise<number[][]> {
  const settings = resolveOptions(model, options);
  const rows = prompts.map((prompt, index) => toRow(model, prompt, index, settings.maxNewTokens));
  let done = 0;
  for (const batch of batches(rows, settings)) {
    if (settings.beams > 1) await searchBeams(model, batch, settings);
    else for await (const _ of continueRows(model, batch, settings));
    done += batch.length;
    options.progress?.(done, rows.length);
  }
  return rows.map(({ ids }) => ids);
}

/** The same, token by token as they come; all prompts run in one batch. Beams have no stream, since they change their minds. */
export async function* streamTokens(
  model: Model,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): AsyncGenerator<NewToken, void, undefined> {
  const settings = resolveOptions(model, options);
  if (settings.beams > 1) throw new RangeError("streamTokens: beams are known only at their end; use generate.");
  const rows = prompts.map((prompt, index) => toRow(model, prompt, index, settings.maxNewTokens));
  for await (const news of continueRows(model, rows, settings)) yield* news;
}
