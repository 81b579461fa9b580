import { type Rotary, type RotaryScaling, rotaryScalings } from "../nn/index.ts";
import { type ConfigReader, configReader } from "./config.ts";

/** 0.1 · m · ln(factor) + 1: YaRN's temperature as a factor of queries and keys. */
const temperature = (factor: number, scale = 1): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);

function readYarn(scaling: ConfigReader, positions: number): RotaryScaling {
  const factor = scaling.number("factor");
  const [scale, scaleAll] = [scaling.optionalNumber("mscale"), scaling.optionalNumber("mscale_all_dim")];
  const attentionFactor =
    scaling.optionalNumber("attention_factor") ??
    (scale && scaleAll ? temperature(factor, scale) / temperature(factor, scaleAll) : temperature(factor));
  return {
    type: "yarn",
    factor,
    original: scaling.optionalNumber("original_max_position_embeddings") ?? positions,
    betaFast: scaling.optionalNumber("beta_fast") || 32,
    betaSlow: scaling.optionalNumber("beta_slow") || 1,
    attentionFactor,
    truncate: scaling.boolean("truncate", true),
  };
}

/** `positions` is max_position_embeddings. */
function readScaling(scaling: ConfigReader, positions: number): RotaryScaling {
  const key = scaling.raw.type === undefined ? "rope_type" : "type"; // older configs say type
  const type = scaling.expect(key, rotaryScalings, "default") as RotaryScaling["type"];
  switch (type) {
    case "default":
      return { type };
    case "linear":
      return { type, factor: scaling.number("factor") };
    case "dynamic":
      return { type, factor: scaling.number("factor"), original: positions };
    case "llama3":
      return {
        type,
        factor: scaling.number("factor"),
        original: scaling.number("original_max_position_embeddings"),
        lowFactor: scaling.number("low_freq_factor"),
        highFactor: scaling.number("high_freq_factor"),
      };
    case "yarn":
      return readYarn(scaling, positions);
  }
}

/**
 * The rotary settings of a config: rope_theta and rope_scaling, or the rope_parameters that transformers 5 writes instead.
 * `width` is that of a head, `base` the rope_theta of a config without one.
 */
export function readRotary(config: ConfigReader, width: number, base: number): Rotary {
  config.expect("partial_rotary_factor", ["1"], "1");
  const { rope_parameters: parameters, rope_scaling: legacy } = config.raw;
  const section = parameters === undefined ? "rope_scaling" : "rope_parameters";
  const raw = (parameters ?? legacy ?? {}) as Record<string, unknown>;
  const scaling = configReader(raw, `${config.path}: ${section}`);
  const nested = Object.keys(raw).find((key) => typeof raw[key] === "object" && raw[key] !== null);
  if (nested !== undefined && section === "rope_parameters")
    throw new Error(
      `${config.path}: rope_parameters.${nested} is an object; settings per layer type are read only as rope_theta, rope_local_base_freq and rope_scaling.`,
    );
  return {
    width,
    base: scaling.optionalNumber("rope_theta") ?? config.number("rope_theta", base),
    scaling: readScaling(scaling, config.number("max_position_embeddings")),
  };
}

/** The longest row: max_position_embeddings, or what a scaling that begins beyond them stretches them to. */
export function longestRow(config: ConfigReader, { scaling }: Rotary): number {
  const positions = config.number("max_position_embeddings");
  if (scaling.type !== "dynamic" && scaling.type !== "yarn") return positions;
  return Math.max(positions, Math.floor(scaling.factor * scaling.original));
}
