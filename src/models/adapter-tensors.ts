import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, ops, type SafetensorsFile, scope, type Tensor } from "../tensor/index.ts";

function openWeights(folder: string): SafetensorsFile {
  const path = join(folder, "adapter_model.safetensors");
  if (existsSync(path)) return openSafetensors(path);
  throw new Error(
    existsSync(join(folder, "adapter_model.bin"))
      ? `${folder}: only adapter_model.bin, a pickle, which can run code and is never read. Convert it once with PEFT: PeftModel.from_pretrained(base, "${folder}").save_pretrained("…").`
      : `${folder}: expected adapter_model.safetensors, there is none.`,
  );
}

const listed = (items: readonly string[]): string =>
  items.length > 8 ? `${items.slice(0, 8).join(", ")} … (${items.length} in all)` : items.join(", ");

/** An adapter's tensors, taken by key; what does not fit is collected. */
export interface AdapterTensors {
  /** a copy with the type and device of `like`, or undefined where there is none of this shape */
  take(key: string, shape: readonly number[], like: Tensor): Tensor | undefined;
  /** what is missing, of another shape, or was not taken; empty where all fits */
  problems(): string[];
}

/** Opens an adapter folder's weights. */
export function adapterTensors(folder: string): AdapterTensors {
  const file = openWeights(folder);
  const unused = new Set(file.entries.keys());
  const missing: string[] = [];
  const wrong: string[] = [];
  return {
    take(key, shape, like) {
      const found = file.entries.get(key)?.shape;
      unused.delete(key);
      if (found === undefined) missing.push(key);
      else if (found.join() !== shape.join())
        wrong.push(`${key} is [${found.join(" ")}], this model needs [${shape.join(" ")}]`);
      else return scope(() => ops.toDevice(ops.clone(file.get(key)), like.device, like.dtype));
      return undefined;
    },
    problems: () => [
      ...(missing.length > 0 ? [`missing: ${listed(missing)}`] : []),
      ...(unused.size > 0 ? [`no place in the model: ${listed([...unused])}`] : []),
      ...(wrong.length > 0 ? [`wrong shape: ${listed(wrong)}`] : []),
    ],
  };
}
