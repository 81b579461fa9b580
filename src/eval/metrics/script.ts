/** Scripts of Unicode that a writing system (ISO 15924) uses; the others are Unicode scripts themselves. */
const parts: Record<string, readonly string[]> = {
  Hans: ["Hani"],
  Hant: ["Hani"],
  Jpan: ["Hani", "Hira", "Kana"],
  Hang: ["Hang", "Hani"],
  Kore: ["Hang", "Hani"],
};

/**
 * Whether at least half of a text's letters are of a writing system, such as `Latn` or `Jpan`; undefined where it has no
 * letters.
 * @throws Error when the writing system is not an ISO 15924 code that Unicode knows
 */
export function isWrittenIn(text: string, script: string): boolean | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return undefined;
  return 2 * (text.match(lettersOf(script))?.length ?? 0) >= letters;
}

const patterns = new Map<string, RegExp>();

function lettersOf(script: string): RegExp {
  const known = patterns.get(script);
  if (known) return known;
  const scripts = parts[script] ?? [script];
  try {
    const pattern = new RegExp(`(?=\\p{L})[${scripts.map((name) => `\\p{Script=${name}}`).join("")}]`, "gu");
    patterns.set(script, pattern);
    return pattern;
  } catch (cause) {
    const wanted = "expected an ISO 15924 code such as Latn or Cyrl";
    throw new Error(`Script ${JSON.stringify(script)} is not known: ${wanted}.`, { cause });
  }
}
