import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ConfigReader, readJsonObject } from "./config.ts";

function idList(value: unknown, path: string): number[] {
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((id) => Number.isInteger(id) && id >= 0))
    throw new Error(`${path}: eos_token_id: expected a token id or a list of them, received ${JSON.stringify(value)}.`);
  return list as number[];
}

/**
 * The ids that end a text: `eos_token_id` of generation_config.json, or of config.json where that file or key is absent. Both
 * may be one id or a list.
 */
export function readEndIds(folder: string, config: ConfigReader): number[] {
  const path = join(folder, "generation_config.json");
  const own = existsSync(path) ? readJsonObject(path).eos_token_id : undefined;
  if (own !== undefined && own !== null) return idList(own, path);
  const { eos_token_id } = config.raw;
  return eos_token_id === undefined || eos_token_id === null ? [] : idList(eos_token_id, config.path);
}
