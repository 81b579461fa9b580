import { distinct } from "../distinct.ts";
import { type LeftOut, tally } from "../left-out.ts";
import { comparePython } from "../python-text.ts";
import type { Item, ItemFiles } from "./items.ts";

/** What can be made of the items of several languages, by places that are the same for an id in every language. */
export interface ItemFacts {
  /** places in all */
  n: number;
  /** per language: the places whose instruction has text */
  questions: Set<number>[];
  /** per language: the places whose output has text */
  answers: Set<number>[];
  /** per language: the places whose instruction translates the pivot's; none for the pivot itself */
  pairs: number[][];
  leftOut: LeftOut[];
  /** a language's items by place */
  order(items: readonly Item[]): (Item | undefined)[];
}

const hasText = (text: string | undefined): boolean => text !== undefined && text.trim() !== "";

/** Reads every language once and joins them by id, in the order of the pivot's ids, then of those that it lacks. */
export function itemFacts({ codes, read }: ItemFiles): ItemFacts {
  const places = new Map<string, number>();
  const left = tally();
  const order = (items: readonly Item[]) => {
    const ordered: (Item | undefined)[] = new Array(places.size).fill(undefined);
    for (const item of items) ordered[places.get(String(item.id))!] ??= item;
    return ordered;
  };
  const facts: Pick<ItemFacts, "questions" | "answers" | "pairs"> = { questions: [], answers: [], pairs: [] };
  let pivot: readonly (Item | undefined)[] = [];
  const present = codes.map((code, language) => {
    const items = read(code);
    for (const { id } of [...items].sort((a, b) => comparePython(a.id, b.id)))
      if (!places.has(String(id))) places.set(String(id), places.size);
    const own = order(items);
    if (language === 0) pivot = own.map((item) => item && { ...item, input: undefined, output: undefined });
    const count = own.filter(Boolean).length;
    left.count(code, "repeated id", items.length - count);
    const placesWith = (key: "instruction" | "output"): Set<number> => {
      const found = new Set(own.flatMap((item, place) => (hasText(item?.[key]) ? [place] : [])));
      left.count(code, `no ${key}`, count - found.size);
      return found;
    };
    const [questions, answers] = [placesWith("instruction"), placesWith("output")];
    const both = language === 0 ? [] : [...questions].filter((place) => facts.questions[0]!.has(place));
    const differing = both.filter((place) => own[place]!.instruction !== pivot[place]!.instruction);
    left.count(
      `${codes[0]}-${code}`,
      "no pair: the same instruction in both languages",
      both.length - differing.length,
    );
    const pairs = distinct(differing, (place) => `${pivot[place]!.instruction}\n\n${own[place]!.instruction}`);
    left.count(
      `${codes[0]}-${code}`,
      "no further pair: the same two instructions again",
      differing.length - pairs.length,
    );
    facts.questions.push(questions);
    facts.answers.push(answers);
    facts.pairs.push(pairs);
    return count;
  });
  for (const [i, code] of codes.entries()) left.count(code, "absent id", places.size - present[i]!);
  return { ...facts, n: places.size, order, leftOut: left.list() };
}
