import { openWeights } from "../models/weight-files.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Recipe } from "./schema.ts";

const floating: readonly Dtype[] = ["float32", "bfloat16", "float16"];

/** The type that most numbers of a model folder are stored in; in this type, weights on the CPU stay views of the file. */
export function storedType(folder: string): Dtype {
  const counts = new Map<Dtype, number>();
  for (const file of openWeights(folder)) {
    for (const { dtype, shape } of file.entries.values())
      counts.set(dtype, (counts.get(dtype) ?? 0) + shape.reduce((product, n) => product * n, 1));
    file.close();
  }
  return floating.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))[0]!;
}

/**
 * The type of a training run's base weights. LoRA in bfloat16 keeps the frozen base in bfloat16, half the memory, as peft does on
 * a base that transformers loads so; what is trained is float32 in any case, the adapter's own weights too.
 */
export function baseType({ dtype, train }: Pick<Recipe, "dtype" | "train">): Dtype {
  return train!.method.kind === "lora" && dtype === "bfloat16" ? "bfloat16" : "float32";
}
