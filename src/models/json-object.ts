import { readFileSync, statSync } from "node:fs";

/** No config, index or tokenizer of a real model is larger. */
const maximumBytes = 64 * 2 ** 20;
/** A value nested deeper takes the parser's memory and says nothing of a model. */
const maximumDepth = 64;

const [quote, backslash] = [0x22, 0x5c];
const [brace, bracket, braceEnd, bracketEnd] = [0x7b, 0x5b, 0x7d, 0x5d];

/** Whether a JSON text nests values deeper than `maximumDepth`, seen before it is parsed. */
function nestsTooDeep(text: Buffer): boolean {
  let [depth, inString] = [0, false];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === brace || byte === bracket) {
      if (++depth > maximumDepth) return true;
    } else if (byte === braceEnd || byte === bracketEnd) depth--;
  }
  return false;
}

/** A value in a message: no more of it than fits, and nothing of what is inside a nested one. */
export function shown(value: unknown): string {
  if (Array.isArray(value))
    return value.length < 9 && value.every((item) => typeof item !== "object")
      ? JSON.stringify(value).slice(0, 80)
      : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(JSON.stringify(value) ?? "nothing").slice(0, 80);
}

/**
 * Reads a JSON object from a model folder.
 * @throws Error naming the file, when it is absent, too large, not JSON or anything but an object
 */
export function readJsonObject(path: string): Record<string, unknown> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${path}: expected a JSON file, there is none.`);
  // a pipe would wait for ever
  if (!found.isFile() || found.size > maximumBytes)
    throw new Error(
      `${path}: expected a JSON file of at most ${maximumBytes} bytes, found ${found.isFile() ? `${found.size} bytes` : "something else"}.`,
    );
  const text = readFileSync(path);
  if (nestsTooDeep(text))
    throw new Error(`${path}: expected a JSON object, found values nested more than ${maximumDepth} deep.`);
  let value: unknown;
  try {
    value = JSON.parse(text.toString("utf8"));
  } catch (error) {
    throw new Error(`${path}: expected a JSON object (${(error as Error).message}).`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${path}: expected a JSON object, found ${shown(value)}.`);
  return value as Record<string, unknown>;
}
