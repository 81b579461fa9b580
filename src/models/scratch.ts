import { type Dtype, deriveSeed, manualSeed, noGrad, ops, resolveDevice, scope, type Tensor } from "../tensor/index.ts";
import { configReader } from "./config.ts";
import { families } from "./families.ts";
import { type Model, makeModel } from "./model.ts";
import { readLinear, type WeightSource } from "./weights.ts";

/** A source that makes weights instead of reading them: N(0, init_std) matrices, zero biases, norm weights of 1. */
function freshWeights(device: string, dtype: Dtype, deviation: number, seed: number): WeightSource {
  let made = 0;
  const tensor = (name: string, shape: readonly number[], filled = 1, spread = 1): Tensor =>
    noGrad(() =>
      scope(() => {
        const fresh = ops.zeros(shape, dtype, device);
        if (shape.length === 1 && name.endsWith(".weight")) return ops.add(fresh, filled);
        if (shape.length > 1) {
          // every tensor has a seed of its own, so a change of shapes elsewhere leaves it as it was
          manualSeed(deriveSeed(seed, made++));
          ops.normalInto(fresh, 0, deviation * spread);
        }
        return fresh;
      }),
    );
  return {
    tensor,
    linear: (name, output, input, form) =>
      readLinear((part, shape) => tensor(part, shape, 1, form?.spread), name, output, input, form),
    layerNorm: (name, width) => ({ weight: tensor(`${name}.weight`, [width]), bias: tensor(`${name}.bias`, [width]) }),
    has: () => false,
    ignore: () => {},
    finish: () => {},
  };
}

/** A new model with random weights, initialised as its family's reference does. `config` is the contents of config.json. */
export function createModel(
  config: Record<string, unknown>,
  options: { device?: string; seed: number; dropout?: boolean },
): Model {
  const reader = configReader(config, "model.config");
  const family = families[String(config.model_type) as keyof typeof families];
  if (family === undefined)
    throw new Error(
      `model.config.model_type is ${JSON.stringify(config.model_type)}; supported: ${Object.keys(families).join(", ")}.`,
    );
  const device = resolveDevice(options.device);
  const deviation = reader.optionalNumber("init_std") ?? reader.number("initializer_range", 0.02);
  const source = freshWeights(device, "float32", deviation, options.seed);
  return makeModel(family(reader, source, { device, dropout: options.dropout ?? false }), device);
}
