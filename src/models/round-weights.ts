import { type Dtype, noGrad, ops, scope } from "../tensor/index.ts";
import type { Model } from "./model.ts";
import { isAdapterName } from "./parameters.ts";

/** Gives every weight the value that it will have on disk. Returns the types of the matrices that this changed. */
export function roundWeights(model: Model, dtypeOf: (parameter: string) => Dtype): Dtype[] {
  const rounded: Dtype[] = [];
  for (const [name, weight] of model.parameters()) {
    const dtype = isAdapterName(name) ? weight.dtype : dtypeOf(name);
    if (dtype === weight.dtype) continue;
    noGrad(() =>
      scope(() => {
        const stored = ops.toDtype(ops.toDtype(weight, dtype), weight.dtype);
        if (ops.all(ops.eq(stored, weight)).item() === 1) return;
        ops.copyInto(weight, stored);
        if (weight.shape.length > 1) rounded.push(dtype);
      }),
    );
  }
  return rounded;
}
