import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./family.ts";
import { rotaryDecoder } from "./rotary-decoder.ts";
import { readSizes } from "./rotary-tree.ts";
import type { WeightSource } from "./weights.ts";

/** Mistral (Jiang et al. 2023): Llama with a sliding window, null where there is none. Reference: modeling_mistral.py 4.57. */
export function mistral(config: ConfigReader, source: WeightSource, options: FamilyOptions): Family {
  const window = config.raw.sliding_window === null ? undefined : config.number("sliding_window", 4096);
  return rotaryDecoder(config, source, options, {
    family: "mistral",
    sizes: readSizes(config, { groups: 8 }),
    queryBias: false,
    outputBias: false,
    mlpBias: false,
    headNorms: false,
    window: () => window,
  });
}
