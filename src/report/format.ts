const space = "\u202f"; // narrow no-break: a number never parts from its unit
const absent = "–";

/** A minus sign as wide as the plus, so that columns of differences line up. */
function signed(text: string, value: number): string {
  const bare = text.replace("-", "");
  if (Number(bare) === 0) return `±${bare}`;
  return value < 0 ? `−${bare}` : `+${bare}`;
}

/** 0.1234 → "12.3 %" */
export function percent(value: number | undefined | null, digits = 1): string {
  if (value === undefined || value === null || Number.isNaN(value)) return absent;
  return `${(value * 100).toFixed(digits).replace("-", "−")}${space}%`;
}

/** 0.042 → "+4.2": a difference of two fractions in percentage points */
export function points(value: number | undefined | null, digits = 1): string {
  if (value === undefined || value === null || Number.isNaN(value)) return absent;
  return signed((value * 100).toFixed(digits), value);
}

/** 2.3311 → "2.331" */
export function decimal(value: number | undefined | null, digits = 3): string {
  if (value === undefined || value === null || Number.isNaN(value)) return absent;
  return value.toFixed(digits).replace("-", "−");
}

/** −0.0211 → "−0.021" */
export function change(value: number | undefined | null, digits = 3): string {
  if (value === undefined || value === null || Number.isNaN(value)) return absent;
  return signed(value.toFixed(digits), value);
}

/** 0.0123 → "0.012", 0.00001 → "< 0.001" */
export function probability(p: number | undefined | null): string {
  if (p === undefined || p === null || Number.isNaN(p)) return absent;
  if (p < 0.001) return `<${space}0.001`;
  return p < 0.1 ? p.toFixed(3) : p.toFixed(2);
}

/** 1234567 → "1,234,567" */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** 564000000 → "564 M" */
export function magnitude(value: number): string {
  const units: [number, string][] = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, unit] of units) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${space}${unit}`;
  }
  return count(value);
}

/** 252 → "4 min 12 s" */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toPrecision(2))}${space}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 10) return `${Math.floor(seconds / 60)}${space}min ${Math.floor(seconds % 60)}${space}s`;
  if (minutes < 90) return `${minutes}${space}min`;
  return `${Math.floor(minutes / 60)}${space}h ${minutes % 60}${space}min`;
}

const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** 6 → "six"; larger numbers stay digits, as in print */
export function countWord(value: number): string {
  return words[value] ?? String(value);
}

/** 1 → "one language", 6 → "six languages" */
export const languageCount = (value: number): string => `${countWord(value)} ${value === 1 ? "language" : "languages"}`;

/** ["a", "b", "c"] → "a, b and c" */
export function list(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** First letter in upper case; the rest as it is. */
export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
