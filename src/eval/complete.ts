import { generate } from "../models/generate/generate.ts";
import type { GenerateOptions } from "../models/generate/options.ts";
import type { Model } from "../models/model.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

export interface Completion {
  /** the new text without special tokens, up to the first stop string */
  text: string;
  /** all new ids, an end id and those of a stop string included */
  ids: number[];
  /** tokens that the prompt lost at its beginning; absent where none */
  cut?: number;
}

export interface CompleteOptions extends Omit<GenerateOptions, "stop"> {
  /** a text ends before the first of these strings in it */
  stopStrings?: readonly string[];
  /** false where the prompts spell out their special tokens, as rendered chats do; default true */
  addSpecialTokens?: boolean;
  /** prompts lose their beginning where they and the new tokens exceed the model's positions, as in lm-evaluation-harness */
  truncate?: boolean;
  progress?: (done: number, total: number) => void;
}

function cut(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

/** Prompts as ids: what the tokenizer puts behind a whole text would end it before it goes on. */
async function promptIds(tokenizer: Tokenizer, prompts: readonly string[], addSpecialTokens: boolean) {
  const added = addSpecialTokens ? tokenizer.suffixIds.length : 0;
  return (await tokenizer.encodeBatch(prompts, { addSpecialTokens })).map(({ ids }) =>
    ids.slice(0, ids.length - added),
  );
}

/** Tokens that a prompt can have before so many new ones; a model with fewer positions than that keeps half of them. */
const roomFor = ({ config }: Model, maxNewTokens = 64): number =>
  Math.max(config.maximumLength - maxNewTokens, Math.ceil(config.maximumLength / 2));

/** Continues texts. Results are in input order; only what is new. */
export async function complete(
  model: Model,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: CompleteOptions = {},
): Promise<Completion[]> {
  const { stopStrings: strings = [], addSpecialTokens = true, truncate = false, ...generation } = options;
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecialTokens: true });
  const whole = await promptIds(tokenizer, prompts, addSpecialTokens);
  const room = truncate ? roomFor(model, generation.maxNewTokens) : Number.POSITIVE_INFINITY;
  const kept = whole.map((ids) => (ids.length > room ? ids.slice(-room) : ids));
  const rows = await generate(model, kept, {
    ...generation,
    ...(strings.length > 0 && { stop: { strings, decode } }),
  });
  const texts = await tokenizer.decodeBatch(rows, { skipSpecialTokens: true });
  return rows.map((ids, i) => {
    const lost = whole[i]!.length - kept[i]!.length;
    return { text: cut(texts[i]!, strings), ids, ...(lost > 0 && { cut: lost }) };
  });
}
