/** How a model's rotary frequencies are stretched to more positions than it was first trained on; `original` counts those. */
export type RotaryScaling =
  | { type: "default" }
  | { type: "linear"; factor: number }
  /** NTK-aware: from `original` positions on, the base grows with the length */
  | { type: "dynamic"; factor: number; original: number }
  | { type: "llama3"; factor: number; original: number; lowFactor: number; highFactor: number }
  | {
      type: "yarn";
      factor: number;
      original: number;
      betaFast: number;
      betaSlow: number;
      /** multiplies sines and cosines */
      attentionFactor: number;
      /** whether the ramp's ends are rounded to whole dimensions */
      truncate: boolean;
    };

export const rotaryScalings = ["default", "linear", "dynamic", "llama3", "yarn"] as const satisfies Array<
  RotaryScaling["type"]
>;

export interface Rotary {
  /** E, width of a head */
  width: number;
  /** θ, ratio of the slowest wavelength to the fastest */
  base: number;
  scaling: RotaryScaling;
}

const round = Math.fround; // float32 throughout, as the reference computes them

/** base^(2i/E) for i < E/2: the wavelengths over 2π. */
const periods = (base: number, width: number): number[] =>
  Array.from({ length: width / 2 }, (_, i) => round(base ** round((2 * i) / width)));

/** Llama 3.1: short waves stay, long ones are stretched by the factor, those between are blended. */
function llama3(frequency: number, scaling: Extract<RotaryScaling, { type: "llama3" }>): number {
  const { factor, original, lowFactor, highFactor } = scaling;
  const wavelength = round((2 * Math.PI) / frequency);
  if (wavelength < original / highFactor) return frequency;
  if (wavelength > original / lowFactor) return round(frequency / factor);
  const share = round((original / wavelength - lowFactor) / (highFactor - lowFactor));
  return round(round(((1 - share) * frequency) / factor) + share * frequency);
}

/** YaRN (Peng et al. 2023): dimensions that turn often keep their frequency, slow ones are stretched, with a ramp between. */
function yarn({ width, base }: Rotary, scaling: Extract<RotaryScaling, { type: "yarn" }>): number[] {
  const { factor, original, truncate } = scaling;
  const dimension = (rotations: number) =>
    (width * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(base));
  const [first, last] = [dimension(scaling.betaFast), dimension(scaling.betaSlow)];
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, width - 1);
  const span = high === low ? 0.001 : high - low;
  return periods(base, width).map((period, i) => {
    const stretched = Math.min(Math.max((i - low) / span, 0), 1);
    return round(round(stretched / round(factor * period)) + (1 - stretched) / period);
  });
}

/**
 * Angle per position for each pair of dimensions, for rows of `length` positions. → E/2 numbers
 * Sources: Su et al. 2021; the scalings as in transformers' modeling_rope_utils.py 4.57.
 */
export function inverseFrequencies(rotary: Rotary, length: number): number[] {
  const { width, base, scaling } = rotary;
  if (scaling.type === "yarn") return yarn(rotary, scaling);
  let ownBase = base;
  if (scaling.type === "dynamic") {
    const growth = (scaling.factor * Math.max(length, scaling.original)) / scaling.original - (scaling.factor - 1);
    ownBase = round(base * growth ** (width / (width - 2)));
  }
  const plain = periods(ownBase, width).map((period) => round(1 / period));
  if (scaling.type === "linear") return plain.map((frequency) => round(frequency / scaling.factor));
  if (scaling.type === "llama3") return plain.map((frequency) => llama3(frequency, scaling));
  return plain;
}
