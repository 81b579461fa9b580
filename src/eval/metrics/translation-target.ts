import { UsageError } from "../../run/errors.ts";
import { findLanguage, language } from "../../text/languages.ts";

/** What is known of the language that a text should be in. */
export interface TranslationTarget {
  /** ISO 639-1 where one exists; as spelled for languages that the table does not have */
  code: string;
  /** ISO 15924 */
  script?: string;
}

/**
 * The target that a spelling means. A code that is not in the table is taken at its word; its script is known where it
 * has one, as in `quy_Latn`.
 * @throws UsageError naming near spellings
 */
export function translationTarget(spelling: string): TranslationTarget {
  const found = findLanguage(spelling);
  if (found) return { code: found.code, script: found.script };
  const code = /^[a-z]{2,3}(?:[_-]([A-Z][a-z]{3}))?$/.exec(spelling);
  if (code) return { code: spelling, ...(code[1] && { script: code[1] }) };
  try {
    return { code: language(spelling).code };
  } catch (cause) {
    throw new UsageError(`--target-language: ${(cause as Error).message}`, { cause });
  }
}
