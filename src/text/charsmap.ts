/** NFKC's longest replacement has 33 bytes (U+FDFA) */
const longestReplacement = 256;
const bytesOfUnit = 4;

/**
 * Whether a `precompiled_charsmap` can be walked without leaving it: the native library aborts the process where it can't.
 * It has the trie's length in bytes, the trie as a double array of 32-bit units, then the replacements, each ended by 0.
 * Source: sentencepiece's normalizer.cc and darts-clone.
 */
export function isSoundCharsmap(base64: unknown): boolean {
  if (typeof base64 !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return false;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 2 * bytesOfUnit) return false;
  const end = bytesOfUnit + bytes.readUInt32LE(0);
  if (end > bytes.length || end % bytesOfUnit !== 0 || end === bytesOfUnit) return false;
  const starts = replacementStarts(bytes.subarray(end));
  if (starts === undefined) return false;
  const units = new Uint32Array((end - bytesOfUnit) / bytesOfUnit);
  for (let i = 0; i < units.length; i++) units[i] = bytes.readUInt32LE(bytesOfUnit * (i + 1));
  return units.every((unit, at) => isSoundUnit(unit, at, units, starts));
}

/** Whether every step from a unit, taken or not, stays within the array, and its leaf names a replacement. */
function isSoundUnit(unit: number, at: number, units: Uint32Array, starts: Uint8Array): boolean {
  // a leaf; its label matches no byte, so no step leads on from it
  if (unit >>> 31 === 1) return at !== 0;
  const offset = (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  const next = (at ^ offset) >>> 0;
  if ((next | 0xff) >= units.length) return false;
  const hasLeaf = ((unit >>> 8) & 1) === 1;
  return !hasLeaf || starts[units[next]! & 0x7fffffff] === 1;
}

/** 1 where a replacement may begin: at a character, with its end not far. Undefined where they are no UTF-8. */
function replacementStarts(bytes: Uint8Array): Uint8Array | undefined {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const starts = new Uint8Array(bytes.length);
  let end = -1;
  for (let i = bytes.length - 1; i >= 0; i--) {
    if (bytes[i] === 0) end = i;
    const isCharacter = (bytes[i]! & 0xc0) !== 0x80;
    if (isCharacter && end - i >= 0 && end - i <= longestReplacement) starts[i] = 1;
  }
  return starts;
}
