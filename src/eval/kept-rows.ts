import { setImmediate as nextTurn } from "node:timers/promises";
import { openLines, readLines } from "../run/lines.ts";

/** What every kept row says of itself. */
export interface KeptRow {
  id: string;
  /** what it asks about, where others ask the same: their answers are not independent */
  cluster?: string;
  /** fingerprint of what was asked; a row answers nothing else */
  requests: string;
  /** fingerprint of what decides the answer beside the weights: tokenizer, configuration, engine */
  setup: string;
  /** why there is no answer */
  error?: string;
}

/** An answer, before it is known what was asked. */
export type Answer<Row extends KeptRow> = Omit<Row, "id" | "cluster" | "requests" | "setup">;

export interface KeepOptions<Item, Row extends KeptRow> {
  /** JSON Lines; nothing is kept where absent */
  path?: string | undefined;
  setup: string;
  fingerprint(item: Item): string;
  /** Answers some items together; what it throws concerns all of them. */
  answer(items: readonly Item[]): Promise<Answer<Row>[]>;
  /** items that are answered together: what an interruption can lose */
  group: number;
  progress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

interface Asked<Item> {
  item: Item;
  id: string;
  cluster: string | undefined;
  requests: string;
}

const keyOf = ({
  id,
  cluster = "",
  requests,
}: {
  id: string;
  cluster?: string | undefined;
  requests: string;
}): string => [id, cluster, requests].join("\n");

/** Consecutive items. The cut does not depend on what is known already, so that a resumed run computes the very same. */
const groupsOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** The rows of groups that are on disk whole, asked in the very same way under the same setup. */
function readKnown<Item, Row extends KeptRow>(
  groups: readonly Asked<Item>[][],
  path: string | undefined,
  setup: string,
) {
  const rows = path === undefined ? [] : readLines<Row>(path);
  const valid = rows.filter((row) => row.setup === setup && row.error === undefined);
  const stored = new Map(valid.map((row) => [keyOf(row), row]));
  const whole = groups.filter((group) => group.every((asked) => stored.has(keyOf(asked))));
  return new Map(whole.flat().map((asked) => [keyOf(asked), stored.get(keyOf(asked))!]));
}

/** Answers a group; where that fails, one by one, so that a bad item is a row with its error and costs no other. */
async function answerGroup<Item, Row extends KeptRow>(
  items: readonly Item[],
  { answer, signal }: Pick<KeepOptions<Item, Row>, "answer" | "signal">,
): Promise<Answer<Row>[]> {
  try {
    return await answer(items);
  } catch (error) {
    if (signal?.aborted) throw error;
    const failed = (cause: unknown) => ({ error: (cause as Error).message }) as unknown as Answer<Row>;
    if (items.length === 1) return [failed(error)];
    const rows: Answer<Row>[] = [];
    for (const item of items) rows.push(...(await answerGroup([item], { answer, signal })));
    // what fails everywhere is not the items' fault
    if (rows.every((row) => (row as Partial<KeptRow>).error !== undefined)) throw error;
    return rows;
  }
}

/**
 * Answers items group by group and appends their rows to a file. Groups that are there already are not answered again; what
 * is left of others is dropped, so that the file of a run that was killed and resumed is, byte for byte, that of a run that
 * was not. Rows of items that are not asked for now stay.
 */
export async function keepRows<Item extends { id: string; cluster?: string }, Row extends KeptRow>(
  items: readonly Item[],
  options: KeepOptions<Item, Row>,
): Promise<Row[]> {
  const { path, setup, signal, progress } = options;
  const asked = items.map((item): Asked<Item> => {
    const { id, cluster } = item;
    return { item, id, cluster, requests: options.fingerprint(item) };
  });
  const groups = groupsOf(asked, options.group);
  const known = readKnown<Item, Row>(groups, path, setup);
  const ids = new Set(items.map(({ id }) => id));
  const stays = (row: Row) => !ids.has(row.id) || (row.setup === setup && known.has(keyOf(row)));
  const file = path === undefined ? undefined : openLines<Row>(path, stays);
  try {
    for (const group of groups) {
      if (group.every((each) => known.has(keyOf(each)))) continue;
      signal?.throwIfAborted();
      const answers = await answerGroup<Item, Row>(
        group.map(({ item }) => item),
        options,
      );
      for (const [i, { id, cluster, requests }] of group.entries()) {
        const named = { id, ...(cluster !== undefined && { cluster }) };
        const row = { ...named, ...answers[i]!, requests, setup } as unknown as Row;
        file?.append(row);
        known.set(keyOf(row), row);
      }
      file?.sync();
      progress?.(known.size, items.length);
      await nextTurn();
    }
  } finally {
    file?.close();
  }
  return asked.map((each) => known.get(keyOf(each))!);
}
