import { type Finding, items } from "./finding.ts";
import type { TaskRow } from "./row.ts";

/** Evaluated rows whose texts must not have been trained on. */
export interface EvaluatedTexts {
  task: string;
  language: string;
  rows: readonly Pick<TaskRow, "id" | "fields">[];
  /** fields that are text of the language; default all */
  texts?: readonly string[] | undefined;
}

/** Shorter texts are the same by chance. */
const shortest = 15;

/** Letters and digits only, of one case and form, so that neither punctuation nor spacing hides a copy. */
const bare = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");

/** Looks for evaluated texts among training texts, which it sees one by one; whole texts only, not parts of them. */
export interface OverlapSearch {
  see(trainingText: string): void;
  findings(): Finding[];
}

export function searchOverlap(sets: readonly EvaluatedTexts[]): OverlapSearch {
  const places = new Map<string, { set: EvaluatedTexts; id: string }[]>();
  for (const set of sets)
    for (const { id, fields } of set.rows)
      for (const [field, text] of Object.entries(fields)) {
        const key = bare(text);
        if (key.length < shortest || set.texts?.includes(field) === false) continue;
        places.set(key, [...(places.get(key) ?? []), { set, id }]);
      }
  const hits = new Map<EvaluatedTexts, Set<string>>();
  return {
    see(trainingText) {
      for (const { set, id } of places.get(bare(trainingText)) ?? [])
        hits.set(set, (hits.get(set) ?? new Set<string>()).add(id));
    },
    findings: () =>
      sets.flatMap((set): Finding[] => {
        const found = hits.get(set);
        if (!found) return [];
        return [
          {
            check: "train-eval-overlap",
            task: set.task,
            language: set.language,
            severity: "error",
            // in the file's order, each once
            items: [...new Set(set.rows.map(({ id }) => id))].filter((id) => found.has(id)),
            message: `${items(found.size, "have")} a text that is also in the training data.`,
          },
        ];
      }),
  };
}
