import { type PairedChange, pairedChange } from "../../src/stats/paired-change.ts";
import type { ResultLine } from "./rows.ts";

/** Languages that are looked at together. */
export const groups = {
  aligned: ["de", "es", "zh", "tr", "hi", "sw"],
  "never aligned": ["fr", "ru", "th"],
  English: ["en"],
} as const;
export type Group = keyof typeof groups;

/** Which runs; all seeds and bases where they are not named. */
export interface Which {
  variant: string;
  task: string;
  languages: readonly string[];
  bases?: readonly number[];
  seeds?: readonly number[];
}

function pick(lines: readonly ResultLine[], { variant, task, languages, bases, seeds }: Which): ResultLine[] {
  return lines.filter(
    (line) =>
      line.variant === variant &&
      line.task === task &&
      languages.includes(line.language) &&
      (bases === undefined || bases.includes(line.base)) &&
      (seeds === undefined || variant === "base" || seeds.includes(line.seed)),
  );
}

/** Mean over languages, seeds and bases; undefined where nothing was measured. */
export function meanOf(lines: readonly ResultLine[], which: Which): number | undefined {
  const found = pick(lines, which);
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0) / found.length;
}

/** Seeds (as "base seed") that were measured. */
export function runsOf(lines: readonly ResultLine[], variant: string): string[] {
  return [...new Set(lines.flatMap((line) => (line.variant === variant ? [`${line.base} ${line.seed}`] : [])))];
}

/**
 * The second variant less the first, over the answers that both gave: same base, same seed, same item, same language.
 * Items belong together by what they ask (clusters), in all languages, seeds and bases. Undefined where no run is shared.
 */
export function difference(
  lines: readonly ResultLine[],
  { first, second, ...rest }: Omit<Which, "variant"> & { first: string; second: string },
  clusters: ReadonlyMap<string, readonly string[]>,
): PairedChange | undefined {
  const before = pick(lines, { ...rest, variant: first });
  const items = pick(lines, { ...rest, variant: second }).flatMap((after) => {
    const same = before.find(
      ({ base, seed, language }) =>
        base === after.base && language === after.language && (first === "base" || seed === after.seed),
    );
    if (same?.answers === undefined || after.answers === undefined || same.n !== after.n) return [];
    return after.answers.map((right, i) => ({
      id: clusters.get(rest.task)?.[i] ?? String(i),
      before: Number(same.answers![i]),
      after: Number(right),
    }));
  });
  return items.length === 0 ? undefined : pairedChange(items);
}
