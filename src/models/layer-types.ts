import type { ConfigReader } from "./config.ts";

const layerTypes = ["full_attention", "sliding_attention"] as const;
type LayerType = (typeof layerTypes)[number];

/** Whether each block sees a window: `layer_types`, or `absent` of the block's index in configs older than that key. */
export function slidingLayers(config: ConfigReader, layers: number, absent: (index: number) => boolean): boolean[] {
  const types = config.raw.layer_types;
  if (types === undefined || types === null) return Array.from({ length: layers }, (_, index) => absent(index));
  if (!Array.isArray(types) || types.length < layers)
    throw new Error(`${config.path}: expected layer_types to be a list of ${layers}, one for each layer.`);
  return types.slice(0, layers).map((type: unknown, index) => {
    if (!layerTypes.includes(type as LayerType))
      throw new Error(
        `${config.path}: layer_types[${index}] is ${JSON.stringify(type)}; implemented: ${layerTypes.join(", ")}.`,
      );
    return type === "sliding_attention";
  });
}

/** The windows of Qwen: off unless `use_sliding_window`, and then in the blocks from `max_window_layers` on. */
export function qwenWindows(config: ConfigReader, layers: number): (index: number) => number | undefined {
  if (!config.boolean("use_sliding_window", false)) return () => undefined;
  const window = config.raw.sliding_window === null ? undefined : config.number("sliding_window", 4096);
  const first = config.number("max_window_layers", 28);
  const sliding = slidingLayers(config, layers, (index) => window !== undefined && index >= first);
  return (index) => (sliding[index] ? window : undefined);
}
