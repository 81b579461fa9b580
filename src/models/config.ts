import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A config.json, read key by key with errors that name the file and what was expected. */
export interface ConfigReader {
  path: string;
  raw: Record<string, unknown>;
  number(key: string, fallback?: number): number;
  optionalNumber(key: string): number | undefined;
  boolean(key: string, fallback: boolean): boolean;
  /** Refuses a value that this family does not implement. */
  expect(key: string, allowed: readonly string[], fallback: string): string;
}

/** Reads a JSON object from a model folder. */
export function readJsonObject(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${path}: expected a JSON object (${(error as Error).message}).`);
  }
}

export function readConfig(folder: string): ConfigReader {
  const path = join(folder, "config.json");
  if (!existsSync(path))
    throw new Error(`${folder}: expected a Hugging Face model folder, found no config.json in it.`);
  return configReader(readJsonObject(path), path);
}

/** Reads a config object; `path` is what errors call it. */
export function configReader(raw: Record<string, unknown>, path: string): ConfigReader {
  return {
    path,
    raw,
    number(key, fallback) {
      const value = raw[key] ?? fallback;
      if (typeof value !== "number" || !Number.isFinite(value))
        throw new Error(`${path}: expected a number for ${key}, received ${JSON.stringify(raw[key])}.`);
      return value;
    },
    optionalNumber: (key) => (typeof raw[key] === "number" ? (raw[key] as number) : undefined),
    boolean: (key, fallback) => (typeof raw[key] === "boolean" ? (raw[key] as boolean) : fallback),
    expect(key, allowed, fallback) {
      const value = String(raw[key] ?? fallback);
      if (!allowed.includes(value)) throw new Error(`${path}: ${key} is ${value}; implemented: ${allowed.join(", ")}.`);
      return value;
    },
  };
}
