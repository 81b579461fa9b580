import type { Model } from "../model.ts";
import { decoding } from "./decoding.ts";
import { hasEnded } from "./ending.ts";
import { nextTokens } from "./next-token.ts";
import type { Generation } from "./options.ts";
import type { Row } from "./row.ts";

/** A new token of a row. */
export interface NewToken {
  /** number of the prompt */
  index: number;
  id: number;
  /** the row ends with it */
  last: boolean;
}

/** Ended rows ride along until they are this share of the batch: dropping them copies the others' keys and values. */
const ballast = 0.25;

/** Continues the rows of one batch together, one token at a time, by the most probable token or by sampling. */
export async function* continueRows(
  model: Model,
  batch: readonly Row[],
  settings: Generation,
): AsyncGenerator<NewToken[], void, undefined> {
  const run = decoding(
    model,
    batch.map(({ prompt }) => prompt),
    Math.max(...batch.map(({ limit }) => limit)),
  );
  let rows = [...batch];
  const ended = new Set<Row>();
  try {
    let logits = run.start();
    for (;;) {
      settings.signal?.throwIfAborted();
      const chosen = nextTokens(logits, rows, settings);
      logits.dispose();
      const news: NewToken[] = [];
      for (const [place, row] of rows.entries()) {
        if (ended.has(row)) continue;
        row.ids.push(chosen[place]!);
        const last = await hasEnded(row, settings);
        if (last) ended.add(row);
        news.push({ index: row.index, id: chosen[place]!, last });
      }
      yield news;
      if (rows.every((row) => ended.has(row))) return;
      // signals and timers get their turn between two tokens
      await new Promise(setImmediate);
      if (ended.size > ballast * rows.length) {
        const places = [...rows.keys()].filter((place) => !ended.has(rows[place]!));
        run.select(places);
        rows = places.map((place) => rows[place]!);
        chosen.splice(0, chosen.length, ...rows.map((row) => row.ids.at(-1)!));
        ended.clear();
      }
      logits = run.step(chosen);
    }
  } finally {
    run.dispose();
  }
}
