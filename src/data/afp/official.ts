import type { PythonRandom } from "../../stats/python-random.ts";
import { comparePython } from "../python-text.ts";
import type { Item, ItemFiles } from "./items.ts";
import { directions, fillPlan, type PlannedRow } from "./plan.ts";
import type { AfpRow } from "./row.ts";

/** What the official program is told. */
export interface OfficialOptions {
  /** its codes, the pivot first */
  codes: readonly string[];
  /** probability that question and answer are in two languages */
  share: number;
  /** probability that such a row goes to the pivot rather than from it; only with more than two languages */
  change: number;
  /** copies of the data; absent, the program's own default of 1 */
  repeat: number | undefined;
  random: PythonRandom;
}

/** Rows in the program's order, and how many there are of each direction. */
export interface OfficialRows {
  rows: AfpRow[];
  directions: Record<string, number>;
}

/** What the draws need to know of the data: items by their place in the order of ids. */
interface Shape {
  /** items of the last language, which the program takes for the number of all */
  n: number;
  /** of each language after the pivot: the items that give a pair */
  pairs: number[][];
}

/**
 * The program's two languages or, with more, its pivot and the others.
 * Source: chongli17/CrossLingualAlignment 744a46e, src/generate_sup_data.py, call by call, so that the random numbers fall alike.
 * @throws Error where the program would stop: other ids at the same place, a question or answer that is null
 */
export function officialRows(files: ItemFiles, options: OfficialOptions): OfficialRows {
  const { codes, random } = options;
  const shape = shapeOf(files, options);
  const planned = codes.length === 2 ? bilingual(shape, options) : crosslingual(shape, options);
  const rows = fillPlan(planned, { files, order: byId, asked, answer });
  random.shuffle(rows);
  return { rows, directions: directions(planned, codes) };
}

const byId = (items: readonly Item[]): Item[] => [...items].sort((a, b) => comparePython(a.id, b.id));

/** A question that is null is written as Python writes it. */
const asked = ({ instruction = "None", input = "" }: Item) => ({ question: instruction, input });

function answer({ output, place }: Item): string {
  if (output !== undefined) return output;
  throw new Error(
    `${place}: the output is null, where the official program stops. Build without --parity, or mend it.`,
  );
}

function shapeOf({ read }: ItemFiles, { codes, random }: OfficialOptions): Shape {
  const n = read(codes.at(-1)!).length;
  const pivot = byId(read(codes[0]!)).slice(0, n);
  const pairs = codes.slice(1).map((code) => {
    const others = byId(read(code));
    return pivot.flatMap((item, i) => {
      const other = others[i];
      checkSame(item, other, codes[0]!, code);
      if (!item.instruction || !other!.instruction || item.instruction === other!.instruction) return [];
      random.random(); // which side comes first: the program asks although the answer is always the pivot
      return [i];
    });
  });
  if (pivot.length < n) throw unequal(codes[0]!, codes.at(-1)!, `${pivot.length} and ${n} records`);
  return { n, pairs };
}

function checkSame(item: Item, other: Item | undefined, pivot: string, code: string): void {
  if (other?.id !== item.id)
    throw unequal(pivot, code, `at ${item.id} of ${pivot}, ${other?.id ?? "nothing"} of ${code}`);
}

const unequal = (pivot: string, code: string, found: string): Error =>
  new Error(
    `The official program pairs the items of ${pivot} and ${code} by their order and needs the same ids in both; ` +
      `found ${found}. Without --parity items are joined by id.`,
  );

/** The places that are drawn, until one more than wanted, as the program stops. */
export function officialOrder(n: number, { repeat, random }: Pick<OfficialOptions, "repeat" | "random">): number[] {
  // a repeat from the command line is a float there, whose whole part is raised by one
  const copies = repeat === undefined ? 1 : Math.trunc(repeat) + 1;
  const wanted = Math.trunc((repeat ?? 1) * n);
  const order = Array.from({ length: Math.max(0, copies * n) }, (_, i) => i % n);
  random.shuffle(order);
  return order.slice(0, Math.max(0, wanted) + 1);
}

function bilingual({ n, pairs }: Shape, options: OfficialOptions): PlannedRow[] {
  const { share, random, codes } = options;
  const list = pairs[0]!;
  if (n > 0 && list.length === 0) throw noPairs(codes[0]!, codes[1]!);
  random.shuffle(list);
  let next = 0;
  const planned: PlannedRow[] = [];
  for (const item of officialOrder(n, options)) {
    const source = random.randint(0, 1);
    const crosses = random.random() < share;
    if (crosses) random.randint(0, 0); // the only language left is drawn, too
    planned.push({ item, source, target: crosses ? 1 - source : source, other: 1, pair: list[next]! });
    if (++next < list.length) continue;
    random.shuffle(list);
    next = 0;
  }
  return planned;
}

function crosslingual({ n, pairs }: Shape, options: OfficialOptions): PlannedRow[] {
  const { share, change, random, codes } = options;
  const planned: PlannedRow[] = [];
  for (const item of officialOrder(n, options)) {
    const other = random.randint(0, codes.length - 2) + 1;
    let [source, target] = [0, other];
    if (random.random() >= share) {
      source = random.randint(0, codes.length - 1);
      target = source;
    } else if (random.random() < change) [source, target] = [other, 0];
    const list = pairs[other - 1]!;
    if (list.length === 0) throw noPairs(codes[0]!, codes[other]!);
    planned.push({ item, source, target, other, pair: random.choice(list) });
  }
  return planned;
}

const noPairs = (pivot: string, code: string): Error =>
  new Error(
    `No instruction of ${pivot} and ${code} differs and is not empty, so there is no sentence pair to learn from.`,
  );
