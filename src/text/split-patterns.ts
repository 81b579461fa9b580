/**
 * Regular expressions of the supported families' tokenizers, by their exact text. They have no nested repetition, so they
 * take time in proportion to the text. Source: the published tokenizer.json files.
 */
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const lines = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const word = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

const patterns: ReadonlySet<string> = new Set([
  // XGLM, XLM-R: runs of spaces
  " {2,}",
  // GPT-2, GPT-Neo where it is spelt out
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  // BLOOM
  " ?[^(\\s|[.,!?…。，、।۔،])]+",
  // Llama 3
  `${contractions}|${word}|\\p{N}{1,3}|${lines}`,
  // Qwen 1.5, 2, 2.5, 3
  `${contractions}|${word}|\\p{N}|${lines}`,
  // Mistral NeMo
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*|\\p{N}|${lines.replace("]*|", "/]*|")}`,
]);

/** Whether a regular expression is known to be safe on every text. */
export const isFamiliarPattern = (pattern: string): boolean => patterns.has(pattern);
