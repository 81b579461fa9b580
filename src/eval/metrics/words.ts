/** What Python counts as white space; JavaScript's `\s` has the byte order mark more and six controls less. */
const space = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const runs = new RegExp(`[${space}]+`);
const every = new RegExp(`[${space}]+`, "g");
const leading = new RegExp(`^[${space}]+`);
const trailing = new RegExp(`[${space}]+$`);

/** The words between white space: Python's `str.split()`. */
export const words = (text: string): string[] => {
  const trimmed = withoutEnds(text);
  return trimmed === "" ? [] : trimmed.split(runs);
};

/** Python's `str.strip()`. */
export const withoutEnds = (text: string): string => text.replace(leading, "").replace(trailing, "");

/** Python's `str.rstrip()`. */
export const withoutEnd = (text: string): string => text.replace(trailing, "");

/** The text without any white space. */
export const withoutSpaces = (text: string): string => text.replace(every, "");
