import type { TrainingRows } from "./objectives.ts";

/** Every token row that training may see. */
function* allRows(rows: TrainingRows): Generator<Int32Array> {
  const { pairs, instructions, translations, text, replays = [], held = {} } = rows;
  for (const { left, right, negative } of [...pairs, ...(held.pairs ?? [])]) {
    yield left;
    yield right;
    if (negative !== undefined) yield negative;
  }
  const prompts = [instructions, translations, held.instructions ?? [], ...replays.map((replay) => replay.rows)];
  for (const { ids } of prompts.flat()) yield ids;
  yield* text;
}

/**
 * Refuses tokens that the model has no embedding for.
 * @throws Error where tokenizer and weights are not of one model
 */
export function checkIds(rows: TrainingRows, vocabulary: number, base: string): void {
  let highest = -1;
  for (const ids of allRows(rows)) for (const id of ids) if (id > highest) highest = id;
  if (highest < vocabulary) return;
  throw new Error(
    `${base}: the tokenizer gives token ${highest}, the model knows 0 to ${vocabulary - 1}. The tokenizer is another model's: take both from one folder.`,
  );
}
