import type { Linear } from "../nn/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family } from "./family.ts";
import type { WeightSource } from "./weights.ts";

/** The library's name of the decoder in GPT-2, GPT-Neo and BLOOM; published GPT-2 and BLOOM checkpoints leave it out. */
const decoder = "transformer.";

/**
 * Reads a decoder whose names are stored with or without "transformer." in front, and `lm_head.weight` where the head is not
 * tied. `known` is the name of its embedding's tensor; `read` gets what is in front of the stored names.
 */
export function readDecoder<Body extends { [key: string]: unknown }>(
  config: ConfigReader,
  source: WeightSource,
  known: string,
  read: (prefix: string) => Body,
): { body: Body; tiedHead: boolean } & Required<Pick<Family, "tree" | "omittedPrefix" | "unembedding">> {
  const bare = source.has(known);
  const body = read(bare ? "" : decoder);
  const tiedHead = config.boolean("tie_word_embeddings", true);
  const embedding = body[known.replace(/\.weight$/, "")] as Linear;
  if (tiedHead) source.ignore("lm_head.weight");
  const tree: { [key: string]: unknown; lm_head?: Linear } = {
    ...(bare ? body : { transformer: body }),
    ...(!tiedHead && { lm_head: { weight: source.tensor("lm_head.weight", embedding.weight.shape) } }),
  };
  return {
    body,
    tiedHead,
    tree,
    omittedPrefix: bare ? decoder : "",
    unembedding: () => tree.lm_head ?? embedding,
  };
}
