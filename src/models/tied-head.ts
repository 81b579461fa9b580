import type { Linear } from "../nn/index.ts";
import type { Family } from "./family.ts";
import { headName } from "./parameters.ts";

/** Gives a tied head a place of its own in the tree, with the same tensor, so that either end can be replaced. */
export function untieHead({ config, tree, unembedding }: Family): void {
  if (!config.tiedHead) return;
  const head: Linear = { weight: unembedding().weight.retain() };
  tree[headName] = head;
  config.tiedHead = false;
}
