const [quote, backslash, comma, colon] = [34, 92, 44, 58];
const opens = (code: number) => code === 91 || code === 123;
const closes = (code: number) => code === 93 || code === 125;

const deepest = 100;

/**
 * The values of a JSON object as text, by key, so that a large one need not be parsed to be passed on. What is within a
 * value is not checked, but its brackets and strings are closed.
 * @throws Error when the text is no object, or has a key twice, of which parsers take different ones
 */
export function jsonSlices(text: string): Map<string, string> {
  const start = skipSpace(text, 0);
  if (text[start] !== "{") throw new Error("expected a JSON object");
  const slices = new Map<string, string>();
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const keyEnd = valueEnd(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    if (typeof key !== "string" || text.charCodeAt(skipSpace(text, keyEnd)) !== colon)
      throw new Error(`expected a key and a colon at character ${at}`);
    if (slices.has(key)) throw new Error(`the key ${JSON.stringify(key.slice(0, 40))} occurs twice`);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    slices.set(key, text.slice(valueStart, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === comma) at = skipSpace(text, at + 1);
    else if (text[at] !== "}") throw new Error(`expected a comma or the end of the object at character ${at}`);
  }
  if (skipSpace(text, at + 1) !== text.length) throw new Error(`expected nothing after character ${at}`);
  return slices;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \n\r\t".includes(text[at]!)) at++;
  return at;
}

/** Where the value that begins at `from` ends. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (opens(code)) {
      if (++depth > deepest) throw new Error(`it is nested more than ${deepest} levels deep`);
    } else if (closes(code) && --depth < 0) return at;
    else if (depth === 0 && (code === comma || code === colon)) return at;
    if (depth === 0 && (code === quote || closes(code))) return at + 1;
  }
  throw new Error("the text ends within a value");
}

/** Where the closing quote of the string that begins at `from` stands. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  throw new Error("the text ends within a string");
}
