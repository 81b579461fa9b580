import type { z } from "zod";
import { batchStream } from "../data/batches.ts";
import type { EncodedPair, EncodedPrompt } from "../data/encode.ts";
import { packClean, packPaper, promptLabels } from "../data/packing.ts";
import { type Replay, replayed } from "../data/replay.ts";
import { padRows, type TokenBatch } from "../data/token-batch.ts";
import { contrastive } from "../objectives/contrastive.ts";
import { languageModel, type packingSettings } from "../objectives/language-model.ts";
import type { BatchSource, Objective } from "../objectives/objective.ts";
import type { Recipe } from "./schema.ts";

/** Token rows of everything that a recipe trains on. */
export interface TrainingRows {
  pairs: EncodedPair[];
  instructions: EncodedPrompt[];
  translations: EncodedPrompt[];
  text: Int32Array[];
  /** BOS and EOS of the tokenizer */
  special: number[];
  /** seen again among the instructions, while training only */
  replays?: Replay[];
  /** to evaluate on, instead of a share of the rows above */
  held?: { pairs?: EncodedPair[]; instructions?: EncodedPrompt[] };
}

interface SpecialIds {
  padId: number;
  special: readonly number[];
}

/** The rows of an objective, by its name in recipes. */
export const rowsOf = (rows: TrainingRows, objective: string): readonly unknown[] =>
  ({ contrastive: rows.pairs, instruction: rows.instructions, translation: rows.translations, text: rows.text })[
    objective
  ] ?? [];

type TrainRecipe = NonNullable<Recipe["train"]>;

type Packing = z.infer<typeof packingSettings>;

function packed(rows: readonly EncodedPrompt[], packing: Packing, blockSize: number, ids: SpecialIds): TokenBatch {
  const { padId, special } = ids;
  if (packing.kind === "paper") return packPaper(rows, { blockSize, special, padId });
  const join = packing.kind === "clean" ? packClean : (a: Int32Array[], b: Int32Array[]) => padRows(a, padId, b);
  return join(
    rows.map((row) => row.ids),
    rows.map(promptLabels),
    padId,
  );
}

/** Batches of prompts with answers. */
function promptStream(
  rows: readonly EncodedPrompt[],
  seed: number,
  settings: { batch_tokens: number; rows_per_batch?: number | undefined; maximum_length: number; packing?: Packing },
  ids: SpecialIds,
): BatchSource<TokenBatch> {
  const packing = settings.packing ?? { kind: "none" };
  const asked = packing.kind === "paper" ? packing.rows_per_batch : settings.rows_per_batch;
  const budget = asked === undefined ? { tokens: settings.batch_tokens } : { rows: asked };
  const lengths = rows.map((row) => row.ids.length);
  const stream = batchStream({ lengths, seed, budget, byLength: packing.kind === "none" });
  return {
    microBatches: stream.firstEpoch,
    batch: (position) =>
      packed(
        [...stream.at(position).rows].map((row) => rows[row]!),
        packing,
        settings.maximum_length,
        ids,
      ),
  };
}

/** The objectives of a recipe over its rows; each draws its batches with a seed of its own. */
export function buildObjectives(
  settings: TrainRecipe["objectives"],
  rows: TrainingRows,
  options: { seed: number; padId: number },
): Objective[] {
  const { padId } = options;
  const ids = { padId, special: rows.special };
  const built: Objective[] = [];
  const seedOf = (index: number) => options.seed * 16 + index;
  if (settings.contrastive !== undefined) {
    const { pairs } = rows;
    const lengths = pairs.map(({ left, right }) => Math.max(left.length, right.length));
    const stream = batchStream({ lengths, seed: seedOf(0), budget: { rows: settings.contrastive.pairs_per_batch } });
    built.push(
      contrastive(settings.contrastive, {
        padId,
        microBatches: stream.firstEpoch,
        batch: (position) => [...stream.at(position).rows].map((row) => pairs[row]!),
      }),
    );
  }
  if (settings.instruction !== undefined) {
    const instructions = [...rows.instructions, ...replayed(rows.instructions, rows.replays ?? [], options.seed)];
    built.push(
      languageModel(
        "instruction",
        settings.instruction,
        promptStream(instructions, seedOf(1), settings.instruction, ids),
      ),
    );
  }
  if (settings.translation !== undefined)
    built.push(
      languageModel(
        "translation",
        settings.translation,
        promptStream(rows.translations, seedOf(2), settings.translation, ids),
      ),
    );
  if (settings.text !== undefined) {
    const text = rows.text;
    const stream = batchStream({
      lengths: text.map((ids) => ids.length),
      seed: seedOf(3),
      budget:
        settings.text.rows_per_batch === undefined
          ? { tokens: settings.text.batch_tokens }
          : { rows: settings.text.rows_per_batch },
    });
    built.push(
      languageModel("text", settings.text, {
        microBatches: stream.firstEpoch,
        batch: (position) =>
          padRows(
            [...stream.at(position).rows].map((row) => text[row]!),
            padId,
          ),
      }),
    );
  }
  return built;
}
