import type { Linear } from "../nn/index.ts";
import { ops, scope } from "../tensor/index.ts";
import type { Family } from "./family.ts";
import { headName } from "./parameters.ts";

/** Gives a tied head a place of its own in the tree, with the same tensor, so that either end can be replaced. */
export function untieHead({ config, tree, unembedding }: Family): void {
  if (!config.tiedHead) return;
  const head: Linear = { weight: unembedding().weight.retain() };
  tree[headName] = head;
  config.tiedHead = false;
}

/** The same with a copy of its own, which training then takes elsewhere than the embedding. */
export function copyTiedHead(family: Family): void {
  if (!family.config.tiedHead) return;
  untieHead(family);
  const head = family.tree[headName] as Linear;
  const shared = head.weight;
  head.weight = scope(() => ops.clone(shared)).retain();
  shared.dispose();
}
