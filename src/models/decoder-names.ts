import type { Linear } from "../nn/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family } from "./family.ts";
import type { WeightSource } from "./weights.ts";

/** The library's name of the decoder in GPT-2, GPT-Neo and BLOOM; published GPT-2 and BLOOM checkpoints leave it out. */
const decoder = "transformer.";

/**
 * Reads a decoder whose names are stored with or without "transformer." in front, and `lm_head.weight` where the head is not
 * tied. `known` is the name of a tensor that every such model has; `read` gets what is in front of the stored names.
 */
export function readDecoder<Body extends { [key: string]: unknown }>(
  config: ConfigReader,
  source: WeightSource,
  known: string,
  read: (prefix: string) => Body,
): { body: Body; head: Linear | undefined } & Required<Pick<Family, "tree" | "omittedPrefix">> {
  const bare = source.has(known);
  const body = read(bare ? "" : decoder);
  const tied = config.boolean("tie_word_embeddings", true);
  if (tied) source.ignore("lm_head.weight");
  const { shape } = (body[known.replace(/\.weight$/, "")] as Linear).weight;
  const head = tied ? undefined : { weight: source.tensor("lm_head.weight", shape) };
  return {
    body,
    head,
    tree: { ...(bare ? body : { transformer: body }), ...(head !== undefined && { lm_head: head }) },
    omittedPrefix: bare ? decoder : "",
  };
}
