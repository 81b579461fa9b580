import { type Interval, wilson } from "../../stats/intervals.ts";
import type { LanguageDetector } from "./language-id.ts";
import { isWrittenIn } from "./script.ts";
import { withoutSpaces, words } from "./words.ts";

/** A share of segments with its 95 % interval. */
export interface Rate extends Interval {
  value: number;
  /** segments that could be judged */
  n: number;
}

/** A rate and what the same check says of the references: what it cannot go below. */
export interface CheckedRate extends Rate {
  references: number;
}

export interface OffTargetRate extends CheckedRate {
  /** the languages that it chose between */
  languages: readonly string[];
  /** how often each other language was nearest */
  nearest: Record<string, number>;
}

/** What goes wrong with translations that scores hide. */
export interface TranslationRates {
  /** nothing but white space */
  empty: Rate;
  /** the source again where no reference is the source; letter case and white space do not count */
  copy?: Rate;
  /** characters of all hypotheses by those of their references, white space left out */
  length_ratio: number;
  /** less than half of the letters are of the target's script */
  off_target_script?: CheckedRate;
  /** looks more like another of the languages given than like the target */
  off_target_language?: OffTargetRate;
}

export interface RatesInput {
  hypotheses: readonly string[];
  /** `references[r][i]` belongs to `hypotheses[i]` */
  references: readonly (readonly string[])[];
  sources?: readonly string[];
  /** ISO 15924 */
  script?: string;
  detector?: { detector: LanguageDetector; target: string };
}

export function translationRates(input: RatesInput): TranslationRates {
  const { hypotheses, references, sources, script, detector } = input;
  const isEmpty = (line: string) => words(line).length === 0;
  const characters = (lines: readonly string[]) =>
    lines.reduce((sum, line) => sum + [...withoutSpaces(line)].length, 0);
  const referenceLength = references.reduce((sum, lines) => sum + characters(lines), 0) / references.length;
  return {
    empty: rate(hypotheses.map(isEmpty)),
    ...(sources && { copy: rate(hypotheses.map((line, i) => isCopy(line, sources[i]!, at(references, i)))) }),
    length_ratio: referenceLength === 0 ? 0 : characters(hypotheses) / referenceLength,
    ...(script && { off_target_script: scriptRate(hypotheses, references, script) }),
    ...(detector && { off_target_language: languageRate(hypotheses, references, detector) }),
  };
}

const at = (references: RatesInput["references"], i: number): string[] => references.map((lines) => lines[i]!);

function rate(flags: readonly (boolean | undefined)[]): Rate {
  const judged = flags.filter((flag) => flag !== undefined);
  const n = judged.length;
  if (n === 0) return { value: 0, n, low: 0, high: 1 };
  const count = judged.filter(Boolean).length;
  return { value: count / n, n, ...wilson(count, n) };
}

const bare = (line: string): string => words(line.normalize("NFC").toLowerCase()).join(" ");

function isCopy(hypothesis: string, source: string, references: readonly string[]): boolean {
  const text = bare(hypothesis);
  return text !== "" && text === bare(source) && references.every((reference) => bare(reference) !== text);
}

function scriptRate(hypotheses: readonly string[], references: RatesInput["references"], script: string): CheckedRate {
  const strays = (line: string) => {
    const written = isWrittenIn(line, script);
    return written === undefined ? undefined : !written;
  };
  return { ...rate(hypotheses.map(strays)), references: rate(references[0]!.map(strays)).value };
}

function languageRate(
  hypotheses: readonly string[],
  references: RatesInput["references"],
  { detector, target }: NonNullable<RatesInput["detector"]>,
): OffTargetRate {
  // the reference may be among the samples, and a good translation is much like it
  const languageOf = (line: string, i: number) =>
    detector.nearest(line, { language: target, line: references[0]![i]! });
  const found = hypotheses.map(languageOf);
  const strays = (language: string | undefined) => (language === undefined ? undefined : language !== target);
  const nearest: Record<string, number> = {};
  for (const language of found)
    if (language !== undefined && language !== target) nearest[language] = (nearest[language] ?? 0) + 1;
  return {
    ...rate(found.map(strays)),
    references: rate(references[0]!.map(languageOf).map(strays)).value,
    languages: detector.languages,
    nearest,
  };
}
