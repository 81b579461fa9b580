import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { gemmaDecoder, optionalCap } from "./gemma-decoder.ts";
import { slidingLayers } from "./layer-types.ts";
import { readRotary } from "./rotary-config.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Gemma 2 (Gemma Team 2024): capped scores and logits, a window in every other block. Reference: modeling_gemma2.py 4.57. */
export function gemma2(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const sizes = readSizes(config, { headWidth: 256, groups: 4 });
  const rotary = readRotary(config, sizes.headWidth, 10_000);
  return gemmaDecoder(config, source, options, {
    family: "gemma2",
    sizes,
    headNorms: false,
    sliding: slidingLayers(config, sizes.layers, (index) => index % 2 === 0),
    local: rotary,
    global: rotary,
    attentionCap: optionalCap(config, "attn_logit_softcapping", 50),
    logitCap: optionalCap(config, "final_logit_softcapping", 30),
  });
}
