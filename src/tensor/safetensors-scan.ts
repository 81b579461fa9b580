/** A file of more has been made to be large, not to be loaded: the largest models have fewer in all their shards. */
const maximumTensors = 250_000;
/** {name: {shape: […]}} */
const maximumDepth = 3;
/** libtorch's own limit */
const maximumDimensions = 64;

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [brace, bracket, braceEnd, bracketEnd] = [0x7b, 0x5b, 0x7d, 0x5d];

/** The place of the quote that ends the string that begins at `start`. */
function endOfString(text: Buffer, start: number): number {
  let place = start;
  while (place < text.length && text[place] !== quote) place += text[place] === backslash ? 2 : 1;
  return place;
}

/** Equal keys may be spelled differently. */
function unescaped(key: string): string {
  if (!key.includes("\\")) return key;
  try {
    return JSON.parse(`"${key}"`) as string;
  } catch {
    return key; // the parser will say what is wrong with it
  }
}

/**
 * What a header's JSON text has that no real header has, found in one pass before it is parsed: more than could be parsed in
 * moments, or a key twice, of which JSON.parse would keep the last and say nothing. Undefined where there is nothing of the kind.
 */
export function headerExcess(text: Buffer): string | undefined {
  const keys: Set<string>[] = [new Set(), new Set(), new Set()]; // by depth; a tensor's fields begin anew with each
  let [depth, items, key] = [0, 0, ""];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === quote) {
      const end = endOfString(text, at + 1);
      if (depth < maximumDepth) key = text.toString("utf8", at + 1, end);
      at = end;
    } else if (byte === colon) {
      const [known, name] = [keys[depth], unescaped(key)];
      if (known?.has(name)) return `${JSON.stringify(name.slice(0, 80))} twice`;
      if (known !== undefined && known.add(name).size > maximumTensors) return `more than ${maximumTensors} tensors`;
    } else if (byte === comma) {
      if (depth === maximumDepth && ++items >= maximumDimensions)
        return `a list of more than ${maximumDimensions} numbers`;
    } else if (byte === brace || byte === bracket) {
      if (++depth > maximumDepth) return "values nested deeper than a tensor's shape";
      if (depth === 2) keys[2]!.clear();
      items = 0;
    } else if (byte === braceEnd || byte === bracketEnd) depth--;
  }
  return undefined;
}
