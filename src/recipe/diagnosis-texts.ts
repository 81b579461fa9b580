import { readParallel } from "../data/parallel.ts";
import { readTexts } from "../lenses/texts.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { language } from "../text/languages.ts";

/** Sentences to look at a model with. */
export interface DiagnosisTexts {
  /** by language, the pivot first */
  lines: ReadonlyMap<string, string[]>;
  /** parallel sentences to compare states of: one group of all languages, or the pivot with each other one */
  groups: ReadonlyMap<string, string[]>[];
  /** whether all languages say the same */
  parallel: boolean;
  sources: DataSource[];
}

interface Asked {
  languages?: readonly string[] | undefined;
  data?: string | undefined;
  parallel?: string | undefined;
  limit: number;
}

/** Pairs of the pivot with each other language, which need not be the same sentences. */
function pairTexts(path: string, spellings: readonly string[], limit: number): DiagnosisTexts {
  const codes = spellings.map((spelling) => language(spelling).code);
  const { pairs, sources } = readParallel(path, codes, { limit });
  const [pivot = "", ...others] = codes;
  const groups = others
    .map((code) => {
      const own = pairs.filter(({ languages }) => languages[1] === code);
      return new Map([
        [pivot, own.map(({ a }) => a)],
        [code, own.map(({ b }) => b)],
      ]);
    })
    .sort((x, y) => y.get(pivot)!.length - x.get(pivot)!.length);
  const lines = new Map([
    [pivot, groups[0]!.get(pivot)!],
    ...others.map((code): [string, string[]] => [code, groups.find((group) => group.has(code))!.get(code)!]),
  ]);
  return { lines, groups, parallel: others.length === 1, sources };
}

/**
 * FLORES lines of --data, or the pairs of --parallel. What cannot be said with them goes to `missing`.
 * @throws UsageError where neither is given
 */
export async function readDiagnosisTexts(asked: Asked, missing: string[]): Promise<DiagnosisTexts> {
  const { data, parallel, languages, limit } = asked;
  if (parallel !== undefined) {
    if (languages === undefined || languages.length < 2)
      throw new UsageError("--languages: with --parallel, expected the pivot and at least one other language.");
    const texts = pairTexts(parallel, languages, limit);
    if (!texts.parallel)
      missing.push(
        "The pairs are other sentences in every language, so retrieval compares levels only roughly, and what the same text costs in each language is unknown.",
      );
    return texts;
  }
  if (data === undefined)
    throw new UsageError(
      "Nothing to read. Give --data with flores200/ in it, or --parallel with sentence pairs and --languages.",
    );
  const { texts, sources } = await readTexts({ data, languages, limit, shots: 0, prompts: "interlingua", seed: 0 });
  if (texts.size < 2) throw new UsageError("--languages: expected the pivot and at least one other language.");
  return { lines: texts, groups: [texts as Map<string, string[]>], parallel: true, sources };
}
