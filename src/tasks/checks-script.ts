import { language } from "../text/languages.ts";
import { type Finding, items } from "./finding.ts";
import type { TaskRow } from "./row.ts";

/** ISO 15924 → Unicode scripts, where they are not one script of the same name. */
const scripts: Readonly<Record<string, readonly string[]>> = {
  Hans: ["Han"],
  Jpan: ["Han", "Hiragana", "Katakana"],
  Hang: ["Hangul", "Han"],
};

/** A text with fewer letters tells nothing, such as a name. */
const fewestLetters = 4;
/** Names and quotations in other scripts are fine; a text that has less of its own is another text. */
const leastShare = 0.3;
/** A syllable or a word in one sign says as much as about three letters. */
const signWeight: Readonly<Record<string, number>> = { Hans: 3, Jpan: 3, Hang: 3 };

const patterns = new Map<string, RegExp>();
function ownLetters(script: string): RegExp {
  const known = patterns.get(script);
  if (known) return known;
  const classes = (scripts[script] ?? [script]).map((name) => `\\p{Script_Extensions=${name}}`).join("");
  const made = new RegExp(`[${classes}]`, "gu");
  patterns.set(script, made);
  return made;
}

function isForeign(text: string, script: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  if (letters.length < fewestLetters) return false;
  const own = (letters.join("").match(ownLetters(script)) ?? []).length;
  const weighted = own * (signWeight[script] ?? 1);
  return weighted / (weighted + letters.length - own) < leastShare;
}

/** Items with a text that is not in the language's script, such as romanised Hindi. */
export function scriptFindings({
  task,
  code,
  rows,
  texts,
}: {
  task: string;
  code: string;
  rows: readonly TaskRow[];
  /** fields that are text of the language; default all */
  texts?: readonly string[] | undefined;
}): Finding[] {
  const { script, name } = language(code);
  const counts = new Map<string, number>();
  const found = rows.filter(({ fields }) => {
    const foreign = Object.entries(fields).filter(
      ([field, text]) => (texts?.includes(field) ?? true) && isForeign(text, script),
    );
    for (const [field] of foreign) counts.set(field, (counts.get(field) ?? 0) + 1);
    return foreign.length > 0;
  });
  if (found.length === 0) return [];
  const where = [...counts].map(([field, count]) => `${field} ${count}`).join(", ");
  return [
    {
      check: "wrong-script",
      task,
      language: code,
      severity: "warning",
      items: found.map(({ id }) => id),
      message: `${items(found.length, "have")} text that is not in ${name}'s script (${script}): ${where}.`,
    },
  ];
}
