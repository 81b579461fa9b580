import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions } from "./model.ts";
import type { WeightSource } from "./weights.ts";
import { xglm } from "./xglm.ts";

/** The supported families by config.json's `model_type`. */
export const families = { xglm } satisfies Record<
  string,
  (config: ConfigReader, source: WeightSource, options: FamilyOptions) => Family
>;
