import { integer, uniform } from "../../stats/random.ts";
import { tally } from "../left-out.ts";
import { takingTurns } from "../taking-turns.ts";
import type { AfpBuilt } from "./built.ts";
import { type ItemFacts, itemFacts } from "./facts.ts";
import type { Item, ItemFiles } from "./items.ts";
import { directions, fillPlan, type PlannedRow } from "./plan.ts";

export interface CleanOptions {
  /** codes, the pivot first */
  codes: readonly string[];
  /** share of rows whose question and answer are in two languages */
  share: number;
  /** share of those that go to the pivot rather than from it */
  change: number;
  /** rows per item */
  repeat: number;
  seed: number;
}

/**
 * AFP's rows without the official program's accidents: items are joined by id, every item and every sentence pair is
 * taken equally often, there are exactly repeat × items rows, and a row's pair is of the languages of its text where
 * that is not in the pivot alone. One file per language beside the pivot. All is a pure function of data and seed.
 * @throws Error where no row or no sentence pair can be made
 */
export function cleanRows(items: ItemFiles, options: CleanOptions): AfpBuilt {
  const { codes } = options;
  const facts = itemFacts(items);
  const { planned, unusable } = plan(facts, options);
  const rows = fillPlan(planned, { files: items, order: facts.order, asked, answer: ({ output }) => output! });
  const left = tally();
  left.count("all", "item without question and answer in any language", unusable);
  const built: AfpBuilt = {
    ...{ files: [], sources: items.sources(), directions: directions(planned, codes), pairs: {}, printed: "" },
    leftOut: [...facts.leftOut, ...left.list()],
  };
  codes.slice(1).forEach((code, i) => {
    const name = `afp.${codes[0]}-${code}.jsonl`;
    const isOwn = ({ other }: PlannedRow) => other === i + 1;
    built.files.push({ name, rows: rows.filter((_, row) => isOwn(planned[row]!)) });
    const used = new Set(planned.filter(isOwn).map(({ pair }) => pair)).size;
    built.pairs[name] = { available: facts.pairs[i + 1]!.length, used };
  });
  return built;
}

/** A context of blanks is none. */
const asked = ({ instruction, input = "" }: Item) => ({
  question: instruction!,
  input: input.trim() === "" ? "" : input,
});

/** One counter per kind of draw, so that no draw depends on another. */
const draws = { items: 1, crosses: 2, language: 3, direction: 4, pivotPair: 5, pairs: 6 };

function plan(facts: ItemFacts, options: CleanOptions): { planned: PlannedRow[]; unusable: number } {
  const { codes, repeat, seed } = options;
  const others = codes.map((_, i) => i).filter((i) => i > 0 && facts.pairs[i]!.length > 0);
  if (others.length === 0)
    throw new Error(`${codes.join(", ")}: no instruction has text in the pivot and another text in a second language.`);
  const ways = usableWays(facts, codes.length);
  const places = [...ways.keys()].filter((place) => ways[place]!.same.length + ways[place]!.crossing.length > 0);
  const item = takingTurns(places, seed, draws.items);
  const pairOf = new Map(others.map((other) => [other, takingTurns(facts.pairs[other]!, seed, draws.pairs, other)]));
  const planned = Array.from({ length: Math.round(repeat * places.length) }, (_, row): PlannedRow => {
    const place = item();
    const [source, target] = way(ways[place]!, row, options);
    const asksFor = Math.max(source, target);
    const other = pairOf.has(asksFor) ? asksFor : others[integer(others.length, seed, draws.pivotPair, row)]!;
    return { item: place, source, target, other, pair: pairOf.get(other)!() };
  });
  return { planned, unusable: facts.n - places.length };
}

/** The languages in which an item can be asked and answered, and those that it can be between with the pivot. */
interface Ways {
  same: number[];
  crossing: { other: number; from: boolean; to: boolean }[];
}

function usableWays({ questions, answers, n }: ItemFacts, languages: number): Ways[] {
  const codes = Array.from({ length: languages }, (_, i) => i);
  return Array.from({ length: n }, (_, place) => ({
    same: codes.filter((i) => questions[i]!.has(place) && answers[i]!.has(place)),
    crossing: codes.slice(1).flatMap((other) => {
      const from = questions[0]!.has(place) && answers[other]!.has(place);
      const to = questions[other]!.has(place) && answers[0]!.has(place);
      return from || to ? [{ other, from, to }] : [];
    }),
  }));
}

/** Question's and answer's language of a row; where an item cannot be what was drawn, it is what it can be. */
function way({ same, crossing }: Ways, row: number, { share, change, seed }: CleanOptions): [number, number] {
  const drawn = uniform(seed, draws.crosses, row) < share;
  const crosses = drawn ? crossing.length > 0 : same.length === 0;
  const choice = integer(crosses ? crossing.length : same.length, seed, draws.language, row);
  if (!crosses) return [same[choice]!, same[choice]!];
  const { other, from, to } = crossing[choice]!;
  const toPivot = from && to ? uniform(seed, draws.direction, row) < change : to;
  return toPivot ? [other, 0] : [0, other];
}
