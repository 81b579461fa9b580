import type { LayerNorm, Linear } from "../nn/index.ts";
import { type Dtype, ops, type SafetensorsFile, scope, type Tensor } from "../tensor/index.ts";
import { storedNames } from "./stored-names.ts";

export interface LinearForm {
  /** default true */
  bias?: boolean;
  /** the weight is stored [in out]; default false */
  transposed?: boolean;
  /** factor on the standard deviation of a fresh weight; default 1 */
  spread?: number;
}

/** The stored tensors of a model folder, read by name; what does not fit is collected and told in one message. */
export interface WeightSource {
  /** `fresh` is what a new vector of weights is filled with where nothing is read; default 1 */
  tensor(name: string, shape: readonly number[], fresh?: number): Tensor;
  /** `<name>.weight` [out in], or [in out] where `transposed`, and `<name>.bias` unless told otherwise */
  linear(name: string, output: number, input: number, options?: LinearForm): Linear;
  layerNorm(name: string, width: number): LayerNorm;
  has(name: string): boolean;
  /** Marks a stored tensor as known and not needed. */
  ignore(name: string): void;
  /** Throws one message that lists missing, unexpected and wrong-shape tensors, if there are any. */
  finish(): void;
}

/** A linear layer out of a function that gives tensors by name. */
export function readLinear(
  tensor: WeightSource["tensor"],
  name: string,
  output: number,
  input: number,
  { bias = true, transposed = false }: LinearForm = {},
): Linear {
  return {
    weight: tensor(`${name}.weight`, transposed ? [input, output] : [output, input]),
    ...(transposed && { transposed }),
    ...(bias && { bias: tensor(`${name}.bias`, [output]) }),
  };
}

const listed = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(", ")} … (${names.length} in all)` : names.join(", ");

/**
 * Reads tensors in `dtype` onto `device`. With `copy`, each is a fresh aligned copy (to be trained); else one already in that
 * type stays a view of the mapped file.
 */
export function weightSource(
  files: readonly SafetensorsFile[],
  folder: string,
  placement: { dtype: Dtype; device: string; copy: boolean },
): WeightSource {
  const where = new Map(files.flatMap((file) => [...file.entries.keys()].map((name) => [name, file] as const)));
  const stored = storedNames([...where.keys()]);
  const unused = new Set([...where.keys()].filter((name) => !stored.needless(name)));
  const missing: string[] = [];
  const wrong: string[] = [];
  const wrongType: string[] = [];

  const load = (file: SafetensorsFile, name: string): Tensor =>
    scope(() => {
      const found = file.get(name);
      if (placement.device !== "cpu") return ops.toDevice(found, placement.device, placement.dtype);
      const typed = ops.toDtype(found, placement.dtype);
      return placement.copy && found.dtype === placement.dtype ? ops.clone(typed) : typed;
    });
  const tensor = (name: string, shape: readonly number[]): Tensor => {
    const own = stored.of(name);
    const file = where.get(own);
    const found = file?.entries.get(own);
    unused.delete(own);
    if (file === undefined || found === undefined) missing.push(name);
    else if (found.shape.join() !== shape.join())
      wrong.push(`${name} is [${found.shape.join(" ")}], the config asks for [${shape.join(" ")}]`);
    else if (!found.dtype.includes("float")) wrongType.push(`${name} is ${found.dtype}, expected floating point`);
    else return load(file, own);
    return ops.zeros([0]); // never used: finish() throws
  };
  return {
    tensor,
    linear: (name, output, input, form) => readLinear(tensor, name, output, input, form),
    layerNorm: (name, width) => ({ weight: tensor(`${name}.weight`, [width]), bias: tensor(`${name}.bias`, [width]) }),
    has: (name) => where.has(stored.of(name)),
    ignore: (name) => unused.delete(stored.of(name)),
    finish() {
      const problems = [
        missing.length > 0 && `missing: ${listed(missing)}`,
        unused.size > 0 && `unexpected: ${listed([...unused])}`,
        wrong.length > 0 && `wrong shape: ${listed(wrong)}`,
        wrongType.length > 0 && `wrong type: ${listed(wrongType)}`,
      ].filter(Boolean);
      if (problems.length > 0)
        throw new Error(`${folder}: the weights do not fit config.json.\n  ${problems.join("\n  ")}`);
    },
  };
}
