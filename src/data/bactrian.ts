import { uniform } from "../stats/random.ts";
import { language } from "../text/languages.ts";
import { type PlacedRecord, textField } from "../text/source.ts";

/** An item of Bactrian-X: the same id is the same original item in every language. */
export interface BactrianItem {
  instruction: string;
  /** context of the instruction, often "" */
  input: string;
  output: string;
}

/** Whether a record has Bactrian-X' fields. */
export const isBactrian = (record: Record<string, unknown> | undefined): boolean =>
  record !== undefined && "id" in record && "instruction" in record && "output" in record;

/**
 * The items of one language's file by id, in the order of the ids' text, which is the same for every language; `limit`
 * takes so many from the top.
 * @throws Error naming the record that lacks an instruction
 */
export function bactrianItems(records: readonly PlacedRecord[], limit?: number): Map<string, BactrianItem> {
  const items = records.map(({ record, place }): [string, BactrianItem] => [
    String(record.id),
    {
      instruction: textField(record, "instruction", place),
      input: String(record.input ?? ""),
      output: String(record.output ?? ""),
    },
  ]);
  return new Map(items.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit));
}

/**
 * Rows of AFP's cross-lingual instruction following (Li et al. 2024; template of the official generator): question and
 * context of one language, "Answer in <language>:", and the answer of another language for `crossLingualShare` of the
 * rows, of the same for the rest. One row per language and item; which, is a pure function of the seed.
 */
export function composeCrossLingual(
  byLanguage: ReadonlyMap<string, ReadonlyMap<string, BactrianItem>>,
  { crossLingualShare, seed }: { crossLingualShare: number; seed: number },
): { prompt: string; answer: string }[] {
  const codes = [...byLanguage.keys()];
  return codes.flatMap((source, s) =>
    [...byLanguage.get(source)!].map(([id, item], i) => {
      const others = codes.filter((code) => code !== source && byLanguage.get(code)!.has(id));
      const cross = others.length > 0 && uniform(seed, s, i, 0) < crossLingualShare;
      const target = cross ? others[Math.floor(uniform(seed, s, i, 1) * others.length)]! : source;
      const question = item.input.trim() === "" ? item.instruction : `${item.instruction} ${item.input}`;
      return {
        prompt: `${question} Answer in ${language(target).name}: `,
        answer: byLanguage.get(target)!.get(id)!.output,
      };
    }),
  );
}
