import { permutation } from "../stats/random.ts";
import type { TrainingRows } from "./objectives.ts";

/** Distinguishes this shuffle from the ones that order training batches. */
const heldOut = 0x76616c;

/**
 * Splits the rows of every objective: a share, drawn by seed, is held out of training for validation. An objective that has rows
 * of its own for it keeps all; what is replayed is never validated on.
 */
export function holdOut(
  rows: TrainingRows,
  share: number,
  seed: number,
): { training: TrainingRows; validation: TrainingRows } {
  const halves = (items: readonly unknown[], own?: readonly unknown[]) => {
    if (own !== undefined) return [items, own] as const;
    const order = permutation(items.length, seed, heldOut);
    // rows that are too few to share stay in training
    const count = items.length < 2 ? 0 : Math.ceil(share * items.length);
    const out = new Set(order.subarray(0, count));
    return [items.filter((_, i) => !out.has(i)), items.filter((_, i) => out.has(i))] as const;
  };
  const pairs = halves(rows.pairs, rows.held?.pairs);
  const instructions = halves(rows.instructions, rows.held?.instructions);
  const [translations, text] = [halves(rows.translations), halves(rows.text)];
  const pick = (side: 0 | 1): TrainingRows => ({
    pairs: pairs[side] as TrainingRows["pairs"],
    instructions: instructions[side] as TrainingRows["instructions"],
    translations: translations[side] as TrainingRows["translations"],
    text: text[side] as TrainingRows["text"],
    special: rows.special,
    ...(side === 0 && rows.replays && { replays: rows.replays }),
  });
  return { training: pick(0), validation: pick(1) };
}
