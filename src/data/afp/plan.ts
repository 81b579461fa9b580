import type { Item, ItemFiles } from "./items.ts";
import { type AfpRow, afpRow } from "./row.ts";
import { followingPrompt } from "./templates.ts";

/** What a row is made of, by the places of languages (0 is the pivot) and items; the texts come later. */
export interface PlannedRow {
  /** the item that is asked and answered */
  item: number;
  /** language of the question */
  source: number;
  /** language of the answer */
  target: number;
  /** the language that the pivot is paired with */
  other: number;
  /** the item whose instruction is paired */
  pair: number;
}

/** How the texts of a language are found, and what counts as no context. */
export interface Texts {
  files: ItemFiles;
  /** the items of a language by the places that the plan counts */
  order(items: readonly Item[]): readonly (Item | undefined)[];
  /** the question and its context as they stand in a prompt */
  asked(item: Item): { question: string; input: string };
  /** @throws Error where there is none */
  answer(item: Item): string;
}

/** Fills a plan with texts, one language at a time, so that all of them need not be in memory together. */
export function fillPlan(plan: readonly PlannedRow[], texts: Texts): AfpRow[] {
  const drafts = plan.map(() => ({ sent0: "", sent1: "", prompt: "", answer: "" }));
  const { codes, read } = texts.files;
  codes.forEach((code, place) => {
    const items = texts.order(read(code));
    plan.forEach(({ item, source, target, other, pair }, i) => {
      const draft = drafts[i]!;
      if (place === 0) draft.sent0 = items[pair]!.instruction!;
      if (place === other) draft.sent1 = items[pair]!.instruction!;
      if (place === target) draft.answer = texts.answer(items[item]!);
      if (place !== source) return;
      const { question, input } = texts.asked(items[item]!);
      draft.prompt = followingPrompt(question, input, codes[target]!);
    });
  });
  return drafts.map(({ sent0, sent1, prompt, answer }) => afpRow(sent0, sent1, prompt, answer));
}

/** Rows per direction of question and answer, "en->zh", in the order of the first row of each. */
export function directions(planned: readonly PlannedRow[], codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { source, target } of planned) {
    const key = `${codes[source]}->${codes[target]}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
