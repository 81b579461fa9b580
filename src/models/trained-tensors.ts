import type { Model } from "./model.ts";

/** The block, 1 … L, that a tensor belongs to by its name; undefined for embeddings, final norm and head. */
function blockOf(name: string): number | undefined {
  const found = name.match(/(?:^|\.)(?:layers|layer|h)\.(\d+)\./);
  return found === null ? undefined : Number(found[1]) + 1;
}

const isEmbedding = (name: string): boolean =>
  /(?:^|\.)(?:embed_tokens|word_embeddings|wte|wpe|embeddings)\./.test(name);

/** Trains everything except the embeddings, with which a tied head stays as it is too. */
export function trainWithoutEmbeddings(model: Model): void {
  for (const [name, tensor] of model.parameters()) tensor.requiresGrad = !isEmbedding(name);
}

/** Trains all weights of some blocks, 1 … L, and nothing else. */
export function trainBlocks(model: Model, blocks: readonly number[]): void {
  const { layers } = model.config;
  const absent = blocks.filter((block) => block > layers);
  if (absent.length > 0)
    throw new RangeError(`train.method.layers: ${absent.join(", ")}: this model has blocks 1 to ${layers}.`);
  for (const [name, tensor] of model.parameters()) tensor.requiresGrad = blocks.includes(blockOf(name) ?? 0);
}
