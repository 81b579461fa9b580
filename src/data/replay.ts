import { permutation } from "../stats/random.ts";
import type { EncodedPrompt } from "./encode.ts";

/** Rows that are seen again, and the share of all tokens that they take. */
export interface Replay {
  rows: readonly EncodedPrompt[];
  share: number;
}

/** Distinguishes these shuffles from those of batches and held-out rows; each replay has its own. */
const drawn = (number: number, round: number) => (number + 1) * 0x100000 + round;

const tokensOf = (rows: readonly EncodedPrompt[]): number => rows.reduce((sum, { ids }) => sum + ids.length, 0);

/** The rows to add to `own` so that each replay has its share of the tokens; no row twice before each of them came once. */
export function replayed(own: readonly EncodedPrompt[], replays: readonly Replay[], seed: number): EncodedPrompt[] {
  const total = tokensOf(own) / (1 - replays.reduce((sum, { share }) => sum + share, 0));
  return replays.flatMap(({ rows, share }, number) => {
    const taken: EncodedPrompt[] = [];
    for (let tokens = 0, round = 0; rows.length > 0 && tokens < share * total; round++)
      for (const index of permutation(rows.length, seed, drawn(number, round))) {
        if (tokens >= share * total) break;
        taken.push(rows[index]!);
        tokens += rows[index]!.ids.length;
      }
    return taken;
  });
}
