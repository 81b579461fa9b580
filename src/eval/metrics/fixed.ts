/** A number with `digits` decimals as Python prints it: an exact half goes to the even digit, not away from zero. */
export function fixed(value: number, digits: number): string {
  // only an odd multiple of 2^−(digits + 1) lies exactly between two decimals
  const isHalf = Math.abs((value * 2 ** (digits + 1)) % 2) === 1;
  if (!isHalf) return value.toFixed(digits);
  const below = Math.floor(value * 10 ** digits);
  return ((below % 2 === 0 ? below : below + 1) / 10 ** digits).toFixed(digits);
}
