/** How Python spells numbers and reads text, where files must be equal to those of a Python program. */

/** A float as `repr` spells it: the shortest digits that give the number back, 1.0 rather than 1, 1e-05, 1e+16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa, power] = Math.abs(value).toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16)
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const digits = mantissa.replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, "0");
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || "0"}`;
}

/** The order of Python's strings and numbers: strings by code points, not by UTF-16 units. */
export function comparePython(a: string | number, b: string | number): number {
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  if (i === a.length || i === b.length) return a.length - b.length;
  // a difference in the second half of a surrogate pair is one of the whole character
  if (i > 0 && isLowSurrogate(a, i) && isLowSurrogate(b, i)) i--;
  return a.codePointAt(i)! - b.codePointAt(i)!;
}

const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** What `str.isspace` accepts. */
const space = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const outerSpace = new RegExp(`^[${space}]+|[${space}]+$`, "g");

/** `str.strip()`, which keeps U+FEFF and takes the separators U+001C–U+001F and U+0085, unlike `trim`. */
export const strip = (text: string): string => text.replace(outerSpace, "");

/** The lines of a file opened as text: ended by \n, \r\n or \r. */
export function textLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** `len` of a text: its code points. */
export function length(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** `json.dumps(record, ensure_ascii=False)` of strings and whole numbers. */
export const jsonText = (record: Readonly<Record<string, string | number>>): string =>
  `{${Object.entries(record)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(", ")}}`;
