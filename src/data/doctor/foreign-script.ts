import { scriptFindings } from "../../tasks/checks-script.ts";
import { language } from "../../text/languages.ts";

/** Scripts that are several of Unicode's. */
const composed = new Set(["Hans", "Hant", "Jpan", "Hang", "Kore"]);
const patterns = new Map<string, RegExp>();

/** A letter of another script; a text without one needs no counting. */
function otherLetter(script: string): RegExp {
  const known = patterns.get(script) ?? new RegExp(`(?!\\p{Script_Extensions=${script}})\\p{L}`, "u");
  patterns.set(script, known);
  return known;
}

/** Which of the texts, by their place, are not in the script of a language: the same rule as for tasks. */
export function foreignTexts(texts: readonly string[], code: string): number[] {
  const { script } = language(code);
  const suspects = [...texts.keys()].filter((i) => composed.has(script) || otherLetter(script).test(texts[i]!));
  const rows = suspects.map((i) => ({ id: String(i), label: 0, fields: { text: texts[i]! } }));
  return scriptFindings({ task: "", code, rows }).flatMap(({ items }) => items.map(Number));
}
