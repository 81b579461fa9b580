import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { gemmaDecoder, optionalCap } from "./gemma-decoder.ts";
import { slidingLayers } from "./layer-types.ts";
import { readRotary } from "./rotary-config.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/**
 * Gemma 3 without images (Gemma Team 2025): queries and keys normed per head, no window in every sixth block, and rotary
 * settings of its own there. Reference: transformers' modeling_gemma3.py 4.57.
 */
export function gemma3Text(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const sizes = readSizes(config, { headWidth: 256, groups: 4 });
  config.expect("attn_logit_softcapping", ["null"], "null");
  const period = config.number("sliding_window_pattern", 6);
  return gemmaDecoder(config, source, options, {
    family: "gemma3_text",
    sizes,
    headNorms: true,
    sliding: slidingLayers(config, sizes.layers, (index) => (index + 1) % period !== 0),
    local: {
      width: sizes.headWidth,
      base: config.number("rope_local_base_freq", 10_000),
      scaling: { type: "default" },
    },
    global: readRotary(config, sizes.headWidth, 1_000_000),
    attentionCap: undefined,
    logitCap: optionalCap(config, "final_logit_softcapping", undefined),
  });
}
