import { permutation } from "../stats/random.ts";
import type { TrainingRows } from "./objectives.ts";

/** Distinguishes this shuffle from the ones that order training batches. */
const heldOut = 0x76616c;

/** Splits the rows of every objective: a share, drawn by seed, is held out of training for validation. */
export function holdOut(
  rows: TrainingRows,
  share: number,
  seed: number,
): { training: TrainingRows; validation: TrainingRows } {
  const halves = (items: readonly unknown[]) => {
    const order = permutation(items.length, seed, heldOut);
    // rows that are too few to share stay in training
    const count = items.length < 2 ? 0 : Math.ceil(share * items.length);
    const out = new Set(order.subarray(0, count));
    return [items.filter((_, i) => !out.has(i)), items.filter((_, i) => out.has(i))] as const;
  };
  const [pairs, instructions, translations, text] = [rows.pairs, rows.instructions, rows.translations, rows.text].map(
    halves,
  );
  const pick = (side: 0 | 1): TrainingRows => ({
    pairs: pairs![side] as TrainingRows["pairs"],
    instructions: instructions![side] as TrainingRows["instructions"],
    translations: translations![side] as TrainingRows["translations"],
    text: text![side] as TrainingRows["text"],
    special: rows.special,
  });
  return { training: pick(0), validation: pick(1) };
}
