import { Tensor } from "../tensor/index.ts";

/** Nested objects and arrays with tensors as leaves; a leaf's path is its name on disk. Other leaves are passed over. */
export interface ParameterTree {
  [key: string]: unknown;
}

/** A module that an adapter brings whole (PEFT's modules_to_save): all tensors below it are the adapter's. */
export interface SavedModule {
  saved?: true;
}

type Visit = (path: string, tensor: Tensor, saved: boolean) => void;

function walk(node: SavedModule, prefix: string, inSaved: boolean, visit: Visit): void {
  const saved = inSaved || node.saved === true;
  for (const [key, value] of Object.entries(node)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (value instanceof Tensor) visit(path, value, saved);
    else if (typeof value === "object" && value !== null) walk(value, path, saved, visit);
  }
}

/** The path of a LoRA leaf in the tree ends so; on disk it is PEFT's key (see adapter.ts). */
const loraLeaf = /^(.*)\.lora\.(a|b)$/;

const adapterPrefix = "base_model.model.";

/** The library's name of the head, in every family. */
export const headName = "lm_head";

/** The library's name of a path in the tree: checkpoints may leave out the beginning of the decoder's names, never the head's. */
export const libraryName = (path: string, omitted = ""): string =>
  path.split(".", 1)[0] === headName ? path : omitted + path;

/** A tensor's name on disk: its path, or PEFT's key for a LoRA leaf and for a module that an adapter brings. */
function diskName(path: string, saved: boolean, omitted: string): string {
  const leaf = path.match(loraLeaf);
  if (leaf !== null) return adapterKey(leaf[1]!, leaf[2]!.toUpperCase(), omitted);
  return saved ? savedKey(path, omitted) : path;
}

/** PEFT's key of a layer's A or B. */
export const adapterKey = (path: string, part: string, omitted = ""): string =>
  `${adapterPrefix}${libraryName(path, omitted)}.lora_${part}.weight`;

/** PEFT's key of a tensor in a module that an adapter brings. */
export const savedKey = (path: string, omitted = ""): string => adapterPrefix + libraryName(path, omitted);

export const isAdapterName = (name: string): boolean => name.startsWith(adapterPrefix);

/** Every tensor with its name, in the tree's order; `omitted` is Family's. */
export function namedTensors(tree: ParameterTree, omitted = ""): Array<readonly [string, Tensor]> {
  const found: Array<readonly [string, Tensor]> = [];
  walk(tree, "", false, (path, tensor, saved) => found.push([diskName(path, saved, omitted), tensor]));
  return found;
}
