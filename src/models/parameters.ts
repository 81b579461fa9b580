import { Tensor } from "../tensor/index.ts";

/** Nested objects and arrays with tensors as leaves; a leaf's path is its name on disk. Other leaves are passed over. */
export interface ParameterTree {
  [key: string]: unknown;
}

function walk(node: object, prefix: string, omitted: string, visit: (name: string, tensor: Tensor) => void): void {
  for (const [key, value] of Object.entries(node)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (value instanceof Tensor) visit(diskName(name, omitted), value);
    else if (typeof value === "object" && value !== null) walk(value, name, omitted, visit);
  }
}

/** The path of a LoRA leaf in the tree ends so; on disk it is PEFT's key (see adapter.ts). */
const loraLeaf = /^(.*)\.lora\.(a|b)$/;

/** A tensor's name on disk: its path, or PEFT's key for a LoRA leaf. */
function diskName(path: string, omitted: string): string {
  const leaf = path.match(loraLeaf);
  return leaf === null ? path : adapterKey(leaf[1]!, leaf[2]!.toUpperCase(), omitted);
}

/** PEFT's key of a layer's A or B: the library's name of the layer, of which checkpoints may leave out the beginning. */
export const adapterKey = (path: string, part: string, omitted = ""): string =>
  `base_model.model.${omitted}${path}.lora_${part}.weight`;

export const isAdapterName = (name: string): boolean => name.startsWith("base_model.model.");

/** Every tensor with its name, in the tree's order; `omitted` is Family's. */
export function namedTensors(tree: ParameterTree, omitted = ""): Array<readonly [string, Tensor]> {
  const found: Array<readonly [string, Tensor]> = [];
  walk(tree, "", omitted, (name, tensor) => found.push([name, tensor]));
  return found;
}
