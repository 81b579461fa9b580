const space = "\u202f";
const minus = (text: string) => text.replace("-", "−");

/** 0.1234 → "12.3 %" */
export const percent = (value: number, digits = 1): string => `${minus((value * 100).toFixed(digits))}${space}%`;

/** 0.042 → "+4.2" */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return `±${text}`;
  return value < 0 ? `−${text}` : `+${text}`;
}

/** Four significant digits without an exponent where that is readable. */
export function compact(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return minus(Number(value.toPrecision(3)).toExponential());
  return minus(Number(value.toPrecision(4)).toString());
}

/** 0.00001 → "< 0.001" */
export const probability = (p: number): string => (p < 0.001 ? `<${space}0.001` : p.toFixed(p < 0.1 ? 3 : 2));
