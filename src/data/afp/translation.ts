import { closeSync, openSync, readSync } from "node:fs";
import { integer, uniform } from "../../stats/random.ts";
import { readSource, type Source } from "../../text/source.ts";
import { strip, textLines } from "../python-text.ts";
import { takingTurns } from "../taking-turns.ts";
import type { AfpBuilt } from "./built.ts";
import type { CleanOptions } from "./clean.ts";
import { type OfficialOptions, type OfficialRows, officialOrder } from "./official.ts";
import { type AfpRow, afpRow } from "./row.ts";
import { translationPrompts } from "./templates.ts";
import { translationPairs } from "./translation-pairs.ts";

/**
 * The official program's rows from a TSV whose first two columns are the two languages.
 * Source: `build_translate` in chongli17/CrossLingualAlignment 744a46e, src/generate_sup_data.py, call by call.
 * @throws Error naming the line that has one column, where the program would stop
 */
export function officialTranslations(path: string, options: OfficialOptions): OfficialRows & { sources: Source[] } {
  const { codes, change, random } = options;
  const file = readSource(path);
  // Python keeps a byte order mark as text
  const lines = textLines(hasMark(path) ? `\ufeff${file.text}` : file.text);
  const directions: Record<string, number> = {};
  const rows: AfpRow[] = [];
  for (const place of officialOrder(lines.length, options)) {
    const [first, second] = strip(lines[place]!).split("\t");
    if (second === undefined)
      throw new Error(
        `${path}:${place + 1}: expected two columns separated by a tab, received one; the official program stops there.`,
      );
    const turned = random.random() < change;
    const [from, to] = turned ? [second, first!] : [first!, second];
    const [source, target] = turned ? [codes[1]!, codes[0]!] : [codes[0]!, codes[1]!];
    const prompt = random.choice(translationPrompts)(from, target);
    rows.push(afpRow(from, to, prompt, to));
    const key = `${source}->${target}`;
    directions[key] = (directions[key] ?? 0) + 1;
  }
  random.shuffle(rows);
  return { rows, directions, sources: [file.source("parallel", lines.length)] };
}

function hasMark(path: string): boolean {
  const fd = openSync(path, "r");
  const start = Buffer.alloc(3);
  readSync(fd, start);
  closeSync(fd);
  return start.toString("utf8") === "\ufeff";
}

const draws = { pairs: 1, direction: 2, template: 3 };

/**
 * Translation rows without the official program's accidents: exactly repeat × pairs rows, every pair equally often, and
 * `sent0` always the first language's side, whichever way the text is translated.
 * @throws Error where the two languages have no pair
 */
export function cleanTranslations(path: string, options: CleanOptions): AfpBuilt {
  const { codes, change, repeat, seed } = options;
  const [first, second] = codes as [string, string];
  const { pairs, sources, leftOut } = translationPairs(path, first, second);
  const next = takingTurns([...pairs.keys()], seed, draws.pairs);
  const directions: Record<string, number> = {};
  const used = new Set<number>();
  const rows = Array.from({ length: Math.round(repeat * pairs.length) }, (_, row): AfpRow => {
    const place = next();
    const { a, b } = pairs[place]!;
    used.add(place);
    const turned = uniform(seed, draws.direction, row) < change;
    const key = turned ? `${second}->${first}` : `${first}->${second}`;
    directions[key] = (directions[key] ?? 0) + 1;
    const template = translationPrompts[integer(translationPrompts.length, seed, draws.template, row)]!;
    return afpRow(a, b, template(turned ? b : a, turned ? first : second), turned ? a : b);
  });
  const name = `afp-translation.${first}-${second}.jsonl`;
  return {
    ...{ files: [{ name, rows }], sources, directions, leftOut, printed: "" },
    pairs: { [name]: { available: pairs.length, used: used.size } },
  };
}
