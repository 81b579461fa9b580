import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { qwenWindows } from "./layer-types.ts";
import { rotaryDecoder } from "./rotary-decoder.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Qwen 3 (Yang et al. 2025): queries and keys are normed per head. Reference: transformers' modeling_qwen3.py 4.57. */
export function qwen3(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const sizes = readSizes(config, { headWidth: 128, groups: 32 });
  const attentionBias = config.boolean("attention_bias", false);
  return rotaryDecoder(config, source, options, {
    family: "qwen3",
    sizes,
    queryBias: attentionBias,
    outputBias: attentionBias,
    mlpBias: false,
    headNorms: true,
    window: qwenWindows(config, sizes.layers),
  });
}
