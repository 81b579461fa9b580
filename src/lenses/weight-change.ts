import type { Model } from "../models/model.ts";
import type { ParameterTree } from "../models/parameters.ts";
import { type Linear, mergedWeight } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { noGrad, ops, scope, Tensor } from "../tensor/index.ts";

/** A tensor as the forward pass uses it: with the adapter's update, where there is one. */
type Effective = () => Tensor;

/** Every weight by its path in the tree; the leaves of adapters are part of the weights that they change. */
export function effectiveWeights(tree: ParameterTree): Map<string, Effective> {
  const found = new Map<string, Effective>();
  const walk = (node: ParameterTree, prefix: string): void => {
    for (const [key, value] of Object.entries(node)) {
      if (key === "lora") continue;
      const path = prefix === "" ? key : `${prefix}.${key}`;
      if (value instanceof Tensor)
        found.set(
          path,
          key === "weight" && "lora" in node ? () => mergedWeight(node as unknown as Linear) : () => value,
        );
      else if (typeof value === "object" && value !== null) walk(value as ParameterTree, path);
    }
  };
  walk(tree, "");
  return found;
}

interface Place {
  layer: number;
  metric: string;
}

/** Where a weight stands: a block's attention or feed-forward layer, the embeddings, or what follows the last block. */
function placesOf(path: string, layers: number): Place[] {
  const [, block] = path.match(/(?:^|\.)(?:layers|layer|h)\.(\d+)\./) ?? [];
  if (block === undefined)
    return /embed|wte|wpe/.test(path)
      ? [{ layer: 0, metric: "weight_change" }]
      : [{ layer: layers, metric: "weight_change_final" }];
  const layer = Number(block) + 1;
  const whole = { layer, metric: "weight_change" };
  if (/norm|ln_/i.test(path)) return [whole];
  const part = /attn|attention/.test(path) ? "attention" : "feed_forward";
  return [whole, { layer, metric: `weight_change_${part}` }];
}

/**
 * How far each block's weights moved: ‖after − before‖ / ‖before‖ over all of its weights, over those of attention and over those of the
 * feed-forward layer; layer 0 has the embeddings. A weight whose size changed, such as an embedding with new rows, is left out.
 */
export function weightChanges(before: Model, after: Model): LensRow[] {
  const [was, is] = [effectiveWeights(before.tree), effectiveWeights(after.tree)];
  const sums = new Map<string, Place & { moved: number; size: number }>();
  for (const [path, old] of was) {
    const next = is.get(path);
    if (next === undefined) continue;
    const [moved, size] = noGrad(() =>
      scope(() => {
        const [a, b] = [old(), next()].map((weight) => ops.toDtype(weight, "float32")) as [Tensor, Tensor];
        if (a.shape.join() !== b.shape.join()) return [0, 0];
        return [ops.norm(ops.sub(b, a)).item() ** 2, ops.norm(a).item() ** 2];
      }),
    ) as [number, number];
    for (const place of placesOf(path, before.config.layers)) {
      const key = `${place.layer} ${place.metric}`;
      const sum = sums.get(key) ?? { ...place, moved: 0, size: 0 };
      sums.set(key, { ...sum, moved: sum.moved + moved, size: sum.size + size });
    }
  }
  return [...sums.values()]
    .filter(({ size }) => size > 0)
    .map(({ layer, metric, moved, size }) => ({ layer, metric, value: Math.sqrt(moved / size) }));
}
