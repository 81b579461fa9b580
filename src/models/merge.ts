import { mergedWeight } from "../nn/index.ts";
import { noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { linearLayers } from "./adapter.ts";
import { lastState } from "./loss.ts";
import type { Model } from "./model.ts";

/** Folds every LoRA leaf into its weight and removes it. Returns how many there were. */
export function mergeAdapter(model: Model): number {
  const adapted = linearLayers(model.tree).filter(([, layer]) => layer.lora !== undefined);
  for (const [, layer] of adapted) {
    const merged = noGrad(() => scope(() => ops.contiguous(mergedWeight(layer))));
    const { a, b } = layer.lora!;
    for (const old of [layer.weight, a, b]) old.dispose();
    layer.weight = merged;
    delete layer.lora;
  }
  return adapted.length;
}

/** Largest difference of two models' logits on some rows of ids, relative to the largest logit. */
export function largestDifference(a: Model, b: Model, rows: readonly (readonly number[])[]): number {
  let [difference, largest] = [0, 0];
  for (const row of rows) {
    noGrad(() =>
      scope(() => {
        const logits = (model: Model): Tensor =>
          model.head(lastState(model, { ids: tensor([row as number[]], { dtype: "int64", device: model.device }) }));
        const [x, y] = [logits(a).toFloats(), logits(b).toFloats()];
        x.forEach((value, i) => {
          difference = Math.max(difference, Math.abs(value - y[i]!));
          largest = Math.max(largest, Math.abs(value));
        });
      }),
    );
  }
  return difference / largest;
}
