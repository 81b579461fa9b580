import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { qwenWindows } from "./layer-types.ts";
import { rotaryDecoder } from "./rotary-decoder.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases of queries, keys and values. Reference: modeling_qwen2.py 4.57. */
export function qwen2(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const sizes = readSizes(config, { groups: 32 });
  return rotaryDecoder(config, source, options, {
    family: "qwen2",
    sizes,
    queryBias: true,
    outputBias: false,
    mlpBias: false,
    headNorms: false,
    window: qwenWindows(config, sizes.layers),
  });
}
