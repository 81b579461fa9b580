import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { rotaryDecoder } from "./rotary-decoder.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Llama 1 to 3 (Touvron et al. 2023, Grattafiori et al. 2024). Reference: transformers' modeling_llama.py 4.57. */
export function llama(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const attentionBias = config.boolean("attention_bias", false);
  return rotaryDecoder(config, source, options, {
    family: "llama",
    sizes: readSizes(config),
    queryBias: attentionBias,
    outputBias: attentionBias,
    mlpBias: config.boolean("mlp_bias", false),
    headNorms: false,
    window: () => undefined,
  });
}
